package vemap

import (
	"context"
	"time"

	"github.com/oapi-codegen/nullable"

	api "loket/gen/vemap"
	"loket/store/vemap"
	"loket/store/vemap/vemapdb"
)

const newPasswordRequired = "NEW_PASSWORD_REQUIRED"

// list converts each element; an empty list is [], never null.
func list[F, T any](from []F, to func(F) T) []T {
	out := make([]T, len(from))
	for i := range from {
		out[i] = to(from[i])
	}
	return out
}

// orZero is the value of an optional member; its zero value when absent.
func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// orNull is null for "".
func orNull(s string) nullable.Nullable[string] {
	if s == "" {
		return nullable.NewNullNullable[string]()
	}
	return nullable.NewNullableWithValue(s)
}

func phoneToAPI(p *string) nullable.Nullable[string] { return orNull(orZero(p)) }

// union fills a schema of several forms with one of them. Plain structs can
// always be written as JSON, so a failure is a mistake in this file.
func union[T any](from func(T) error, v T) {
	if err := from(v); err != nil {
		panic("vemap: " + err.Error())
	}
}

func tokensToAPI(l vemapdb.Login) api.AuthenticationResult {
	return api.AuthenticationResult{IDToken: l.IDToken, AccessToken: l.AccessToken, RefreshToken: l.RefreshToken, TokenType: "Bearer", ExpiresIn: 3600}
}

func tenantsToAPI(tenants map[string][]vemap.Role) api.Tenants {
	out := make(api.Tenants, len(tenants))
	for id, roles := range tenants {
		out[id] = list(roles, func(r vemap.Role) api.Role { return api.Role(r) })
	}
	return out
}

func loginToAPI(ctx context.Context, l vemapdb.Login) api.LoginData {
	return api.LoginData{AuthenticationResult: tokensToAPI(l), Tenants: tenantsToAPI(l.Tenants), LogoURL: address(ctx, l.Logo)}
}

func userToAPI(u vemap.User) api.User {
	return api.User{ID: u.ID, Name: u.Name, Email: u.Email, Authorisation: api.Role(u.Role), Company: u.Company, PhoneNumber: phoneToAPI(u.Phone)}
}

func newUserFromAPI(b *api.CreateUserJSONRequestBody) vemapdb.NewUser {
	return vemapdb.NewUser{
		Email: b.Email, Name: b.FullName, Company: b.OrganisationName, Phone: b.Phone, Role: vemap.Role(b.Authorisation), Password: b.Password,
	}
}

func createdUserToAPI(u vemap.User) api.CreatedUser {
	return api.CreatedUser{UserID: u.ID, Email: u.Email, Name: u.Name, CompanyName: u.Company, PhoneNumber: phoneToAPI(u.Phone)}
}

func userChangeFromAPI(b *api.UpdateUserJSONRequestBody) vemap.UserChange {
	c := vemap.UserChange{Name: b.Name, Email: b.Email, Company: b.Company}
	if b.Authorisation != nil {
		role := vemap.Role(*b.Authorisation)
		c.Role = &role
	}
	if b.PhoneNumber.IsSpecified() {
		c.Phone.Set = true
		if v, err := b.PhoneNumber.Get(); err == nil {
			c.Phone.Value = &v
		}
	}
	return c
}

func updatedUserToAPI(u vemap.User) api.UpdatedUser {
	return api.UpdatedUser{
		ID: u.ID, Name: u.Name, Email: u.Email, Authorisation: api.Role(u.Role), TenantID: u.TenantID, Company: u.Company,
		LastModified: vemap.Micros(u.UpdatedAt), PhoneNumber: phoneToAPI(u.Phone),
	}
}

func userRefToAPI(p vemap.Person) api.UserRef { return api.UserRef{UserID: p.ID, Name: p.Name} }

func namedToAPI(p vemap.Person) api.NamedID { return api.NamedID{ID: p.ID, Name: p.Name} }

func managerToAPI(p vemap.Person) api.Manager {
	return api.Manager{ID: p.ID, Name: p.Name, Email: p.Email}
}

func tenantToAPI(t vemap.Tenant) api.Tenant {
	return api.Tenant{
		ID: t.ID, Name: t.Name, Description: t.Description, ContactName: t.ContactName, ContactEmail: t.ContactEmail,
		ContactPhone: phoneToAPI(t.ContactPhone), CreatedBy: api.UserRef{UserID: t.CreatedBy, Name: t.CreatedByName},
		CreatedAt: vemap.Micros(t.CreatedAt), UpdatedAt: vemap.Micros(t.UpdatedAt), TenantUsers: t.Users,
		TenantManagers: list(t.Managers, userRefToAPI), TenantProjects: t.Projects, TenantClosures: t.Closures, IsActive: t.Active,
	}
}

func newTenantFromAPI(b *api.CreateTenantJSONRequestBody) vemapdb.NewTenant {
	n := vemapdb.NewTenant{
		Name: b.CompanyName, Description: b.Description, ContactName: b.ContactName, ContactEmail: b.ContactEmail,
		Phone: b.Phone, Password: b.TempPassword,
	}
	if l := b.LogoMetadata; l != nil {
		n.Logo = &vemap.Logo{FileName: l.FileName, FileType: string(l.FileType), Size: int64(l.FileSize)}
	}
	return n
}

func createdTenantToAPI(ctx context.Context, c vemapdb.CreatedTenant) api.CreatedTenant {
	out := api.CreatedTenant{
		ID: c.Tenant.ID, Name: c.Tenant.Name, ContactName: c.Tenant.ContactName, ContactEmail: c.Tenant.ContactEmail,
		Description: c.Tenant.Description, LogoUpload: nullable.NewNullNullable[api.LogoUpload](),
	}
	if c.Logo != nil {
		out.LogoUpload.Set(api.LogoUpload{ID: c.Logo.ID, FileType: c.Logo.FileType, PresignedURL: address(ctx, c.Upload)})
	}
	return out
}

func deletedTenantToAPI(id string, d vemapdb.DeletedTenant) api.DeleteTenantData {
	return api.DeleteTenantData{
		Message: "Tenant deleted successfully", TenantID: id, DeletedUsersCount: d.Users, DeletedFilesCount: d.Files,
		DeletedTenantCount: 1, S3DeletedFilesCount: d.Stored, Status: "deleted",
	}
}

func projectToAPI(p vemap.Project) api.Project {
	return api.Project{
		ProjectID: p.ID, Name: p.Name, Description: p.Description, ContractingAuthority: p.ContractingAuthority, RoadNumbers: p.RoadNumbers,
		StartDate: p.Start.MDY(), EndDate: p.End.MDY(), TenantID: p.TenantID, CreatedByUserID: p.CreatedBy,
		CreatedAt: vemap.Space(p.CreatedAt), UpdatedAt: vemap.Space(p.UpdatedAt), Managers: list(p.Managers, managerToAPI),
		Archived: p.Archived, PhaseNumber: p.PhaseNumber, Closures: p.Closures, StorageUsed: p.StorageUsed,
	}
}

func newProjectFromAPI(b *api.CreateProjectJSONRequestBody) vemap.NewProject {
	return vemap.NewProject{
		Name: b.Name, Description: b.Description, ContractingAuthority: b.ContractingAuthority, RoadNumbers: b.RoadNumbers,
		PhaseNumber: b.PhaseNumber, Start: b.StartDate, End: b.EndDate, TenantID: b.TenantID, CreatedBy: b.CreatedByUserID,
		Managers: list(b.Managers, func(m api.ManagerInput) string { return m.ID }),
	}
}

func recipientFromAPI(r api.RecipientInput) vemap.NewRecipient {
	return vemap.NewRecipient{Email: r.Email, Name: r.Name, Organisation: &r.OrganisationName}
}

func recipientToAPI(r vemap.Recipient) api.Recipient {
	return api.Recipient{ID: r.ID, Email: r.Email, Name: r.Name, OrganisationName: r.Organisation}
}

func projectRecipientToAPI(r vemap.Recipient) api.ProjectRecipient {
	return api.ProjectRecipient{ID: r.ID, Email: r.Email, Name: r.Name, OrganisationName: r.Organisation, ProjectID: r.ProjectID}
}

func closureReferenceToAPI(c vemap.Closure) api.ClosureReference {
	out := api.ClosureReference{
		ID: c.ID, ProjectID: c.ProjectID, Name: c.Name, Type: c.Type, StartDate: c.Start.MDY(), EndDate: c.End.MDY(),
		Roadsegment: c.RoadSegment, Status: c.Status, StakeholderCount: len(c.Stakeholders), ClosureFilesCount: c.FileCount,
	}
	if c.Plan != nil {
		out.VkmVersion = c.Plan.Version.Label()
	}
	return out
}

func closureToAPI(c vemap.Closure) api.Closure {
	out := api.Closure{
		ID: c.ID, ProjectID: c.ProjectID, Name: c.Name, Description: c.Description, StartDate: c.Start.MDY(), EndDate: c.End.MDY(),
		Stakeholders: list(c.Stakeholders, userRefToAPI), Type: c.Type, CreatedByUser: api.NamedID{ID: c.CreatedBy, Name: c.CreatedByName},
		MelvinLabel: c.Melvin, SpinLabel: c.Spin, Status: c.Status, CreatedAt: vemap.Space(c.CreatedAt), UpdatedAt: vemap.Space(c.UpdatedAt),
		StorageUsed: vemap.Size(c.StorageUsed), ClosureFileCount: c.FileCount,
	}
	if p := c.Plan; p != nil {
		union(out.VkmPlan.FromVkmPlan, api.VkmPlan{
			ID: p.ID, Name: p.Name, Status: api.FileStatus(p.Status), Version: p.Version.Label(), Size: p.Size, UpdatedAt: vemap.Space(p.UpdatedAt),
		})
	} else {
		union(out.VkmPlan.FromNoData, api.NoData{})
	}
	return out
}

func newClosureFromAPI(b *api.CreateClosureJSONRequestBody) vemap.NewClosure {
	return vemap.NewClosure{
		ProjectID: b.ProjectID, Name: b.ClosureName, Description: orZero(b.ClosureDescription), Type: b.ClosureType, Status: orZero(b.Status),
		RoadSegment: orZero(b.Roadsegment), Start: b.StartDate, End: b.EndDate, Stakeholders: orZero(b.Stakeholders),
	}
}

// Defaults of a page (seed).
const defaultLimit = 50

func commentPageFromAPI(p api.GetCommentsParams) vemapdb.CommentPage {
	out := vemapdb.CommentPage{Limit: defaultLimit, Offset: orZero(p.Offset), SortBy: string(orZero(p.SortBy)), Ascending: orZero(p.SortOrder) == "asc"}
	if p.Limit != nil {
		out.Limit = *p.Limit
	}
	return out
}

func filePageFromAPI(p api.GetFilesParams) vemapdb.FilePage {
	out := vemapdb.FilePage{Limit: defaultLimit, Offset: orZero(p.Offset), Type: string(orZero(p.Type)), Status: string(orZero(p.Status))}
	if p.Limit != nil {
		out.Limit = *p.Limit
	}
	return out
}

func actionFromAPI(a *api.GetFileParamsAction) string {
	if a == nil {
		return vemap.ActionView
	}
	return string(*a)
}

func commentToAPI(c vemap.Comment) api.Comment {
	return api.Comment{
		ID: c.ID, VkmPlanID: c.PlanID, Version: c.Version, UserID: c.UserID, UserName: c.UserName, Type: c.Type, Message: c.Message,
		CreatedAt: vemap.Seconds(c.CreatedAt),
	}
}

func createdCommentToAPI(c vemap.Comment) api.CreatedComment {
	return api.CreatedComment{
		ID: c.ID, VkmPlanID: c.PlanID, Version: c.Version, UserID: c.UserID, UserName: c.UserName, Type: c.Type, Message: c.Message,
		ProjectID: c.ProjectID, ClosureID: c.ClosureID, TenantID: c.TenantID, CreatedAt: vemap.Seconds(c.CreatedAt),
	}
}

func newCommentFromAPI(b *api.CreateCommentJSONRequestBody) vemap.NewComment {
	return vemap.NewComment{PlanID: b.VkmPlanID, Version: b.Version, Type: orZero(b.Type), Message: b.Message, ProjectID: b.ProjectID}
}

func fileItemToAPI(f vemap.File) api.FileItem {
	return api.FileItem{ID: f.ID, Name: f.Name, Size: f.Size, Type: api.FileType(f.Type), ClosureID: f.ClosureID, UpdatedAt: vemap.Seconds(f.UpdatedAt)}
}

func fileToAPI(f vemap.File) api.File {
	return api.File{
		ID: f.ID, TenantID: f.TenantID, Name: f.Name, Type: api.FileType(f.Type), FileType: f.FileType, Status: api.FileStatus(f.Status),
		CreatedBy: f.CreatedBy, ProjectID: orNull(f.ProjectID), ClosureID: orNull(f.ClosureID), Size: f.Size, UpdatedBy: f.UpdatedBy,
		S3Path: f.Path, InS3: f.Stored, Version: f.Version.Number(), IsCurrentVersion: f.Current, IsArchived: f.Archived,
		CreatedAt: vemap.Seconds(f.CreatedAt), UpdatedAt: vemap.Seconds(f.UpdatedAt),
	}
}

func newFileFromAPI(b *api.CreateFileJSONRequestBody) (vemap.NewFile, error) {
	n := vemap.NewFile{
		Name: b.Name, Type: string(b.Type), FileType: b.FileType, Category: orZero(b.FileTypeCategory), Status: string(orZero(b.Status)),
		Path: orZero(b.S3Path), ProjectID: b.ProjectID, ClosureID: b.ClosureID, Size: b.Size, Current: true, Archived: orZero(b.IsArchived),
	}
	if b.IsCurrentVersion != nil {
		n.Current = *b.IsCurrentVersion
	}
	if b.Version != nil {
		v, err := vemap.GivenVersion("/version", *b.Version)
		n.Version = &v
		return n, err
	}
	return n, nil
}

func createdFileToAPI(f vemap.File) api.CreatedFile {
	return api.CreatedFile{
		ID: f.ID, TenantID: f.TenantID, Name: f.Name, Type: api.FileType(f.Type), FileType: f.FileType, FileTypeCategory: f.Category,
		Status: api.FileStatus(f.Status), CreatedBy: f.CreatedBy, ProjectID: f.ProjectID, ClosureID: f.ClosureID, Size: f.Size, S3Path: f.Path,
		InS3: f.Stored, Version: f.Version.Number(), IsCurrentVersion: f.Current, IsArchived: f.Archived, CreatedAt: vemap.Seconds(f.CreatedAt),
	}
}

func fileChangeFromAPI(b *api.UpdateFileJSONRequestBody) vemap.FileChange {
	c := vemap.FileChange{Name: b.Name}
	if b.Status != nil {
		status := string(*b.Status)
		c.Status = &status
	}
	if m := b.Metadata; m != nil {
		c.Metadata = &vemap.Metadata{Description: m.Description, Tags: orZero(m.Tags)}
	}
	return c
}

func updatedFileToAPI(f vemap.File) api.UpdatedFile {
	return api.UpdatedFile{
		ID: f.ID, Name: f.Name, Size: f.Size, Version: f.Version.Number(), Status: api.FileStatus(f.Status), TenantID: f.TenantID,
		S3Path: f.Path, InS3: f.Stored, UpdatedBy: f.UpdatedBy, UpdatedAt: vemap.Seconds(f.UpdatedAt),
	}
}

func stakeholderClosureToAPI(c vemapdb.StakeholderClosure) api.StakeholderClosure {
	out := api.StakeholderClosure{
		ID: c.ID, Name: c.Name, Description: c.Description, Project: api.NamedID{ID: c.ProjectID, Name: c.ProjectName},
		ProjectManagers: list(c.Managers, namedToAPI), SupportFiles: list(c.Support, supportFileToAPI), Comments: list(c.Comments, commentToAPI),
		Status: c.Status, StartDate: c.Start.Midnight(), EndDate: c.End.Midnight(), Roadsegment: c.RoadSegment, Type: c.Type,
		CreatedAt: vemap.Seconds(c.CreatedAt), UpdatedAt: vemap.Seconds(c.UpdatedAt),
	}
	if p := c.Plan; p != nil {
		union(out.VkmPlan.FromStakeholderVkmPlan, api.StakeholderVkmPlan{
			ID: p.ID, Name: p.Name, Status: api.FileStatus(p.Status), Version: p.Version.String(), Size: p.Size, CreatedAt: vemap.Seconds(p.CreatedAt),
		})
	} else {
		union(out.VkmPlan.FromNoData, api.NoData{})
	}
	return out
}

func supportFileToAPI(f vemap.File) api.SupportFile {
	return api.SupportFile{ID: f.ID, Name: f.Name, Size: f.Size, UpdatedAt: vemap.Seconds(f.UpdatedAt)}
}

func eventsToAPI(e vemapdb.Events) api.EventsData {
	return api.EventsData{
		ClosureID: e.Closure.ID, CreatedBy: e.Closure.CreatedBy, CreatedAt: vemap.Seconds(e.Closure.CreatedAt), CreatedByName: e.Closure.CreatedByName,
		FileEvents: list(e.Files, fileEventToAPI), StakeholderEvents: list(e.Stakeholders, stakeholderEventToAPI),
		CommentEvents: list(e.Comments, commentEventToAPI), MailingListEvents: mailingListToAPI(e.List, e.Members),
		EmailEvents: list(e.Mails, emailEventToAPI), FinalVkm: finalToAPI(e.Final),
	}
}

func fileEventToAPI(e vemapdb.FileEvent) api.FileEvent {
	return api.FileEvent{
		ClosureID: e.ClosureID, Name: e.Name, Type: api.FileType(e.Type), Version: e.Version.String(), CreatedBy: e.CreatedBy, UserName: e.UserName,
		CreatedAt: vemap.Seconds(e.CreatedAt),
	}
}

func stakeholderEventToAPI(e vemapdb.StakeholderEvent) api.StakeholderEvent {
	return api.StakeholderEvent{
		ClosureID: e.ClosureID, UserID: e.UserID, StakeholderName: e.UserName, CreatedBy: e.CreatedBy, CreatedByName: e.CreatedByName,
		CreatedAt: vemap.Seconds(e.CreatedAt), IsDeleted: e.DeletedAt != nil, DeletedAt: secondsOrNull(e.DeletedAt),
	}
}

func secondsOrNull(t *time.Time) nullable.Nullable[string] {
	if t == nil {
		return nullable.NewNullNullable[string]()
	}
	return nullable.NewNullableWithValue(vemap.Seconds(*t))
}

func commentEventToAPI(c vemap.Comment) api.CommentEvent {
	return api.CommentEvent{
		ClosureID: c.ClosureID, CommentID: c.ID, Text: c.Message, CreatedBy: c.UserID, UserName: c.UserName, CreatedAt: vemap.Seconds(c.CreatedAt),
		VkmPlanFileID: c.PlanID, Type: c.Type, Version: c.Version,
	}
}

// mailingListToAPI mixes the list and its recipients in one array, as the page
// does (I41).
func mailingListToAPI(l *vemapdb.MailingList, members []vemapdb.Member) []api.MailingListEventItem {
	out := make([]api.MailingListEventItem, 0, len(members)+1)
	if l == nil {
		return out
	}
	var item api.MailingListEventItem
	union(item.FromMailingListEvent, api.MailingListEvent{
		MailingListID: l.ID, ClosureID: l.ClosureID, CreatedBy: l.CreatedBy, CreatedAt: vemap.Seconds(l.CreatedAt), UpdatedAt: vemap.Seconds(l.UpdatedAt),
		IsActive: true, RecipientsCount: l.Active,
	})
	out = append(out, item)
	for _, m := range members {
		var item api.MailingListEventItem
		union(item.FromMailingListMemberEvent, api.MailingListMemberEvent{
			RecipientID: m.RecipientID, Email: m.Email, Name: m.Name, OrganisationName: m.Organisation, IsActive: m.Active,
			AddedAt: vemap.Seconds(m.AddedAt), AddedBy: m.AddedBy,
		})
		out = append(out, item)
	}
	return out
}

func emailEventToAPI(e vemapdb.MailEvent) api.EmailEvent {
	return api.EmailEvent{CreatedBy: e.CreatedBy, CreatedAt: vemap.Seconds(e.CreatedAt), Status: api.EmailEventStatus(e.Status), MailType: e.Type, Subject: e.Subject}
}

func finalToAPI(f *vemap.File) nullable.Nullable[api.FinalVkm] {
	if f == nil {
		return nullable.NewNullNullable[api.FinalVkm]()
	}
	return nullable.NewNullableWithValue(api.FinalVkm{
		FileID: f.ID, ClosureID: f.ClosureID, Name: f.Name, Type: api.FileType(f.Type), Version: f.Version.String(), Status: api.FileStatus(f.Status),
		CreatedBy: f.CreatedBy, CreatedAt: vemap.Seconds(f.CreatedAt), UpdatedAt: vemap.Seconds(f.UpdatedAt),
	})
}

func newMailFromAPI(closureID string, b *api.SendMailJSONRequestBody) vemapdb.NewMail {
	return vemapdb.NewMail{
		ClosureID: closureID, TemplateID: b.TemplateID, Subject: b.Subject, Custom: orZero(b.CustomData),
		Recipients: list(b.Recipients, func(r api.MailRecipientInput) vemap.NewRecipient {
			return vemap.NewRecipient{Email: r.Email, Name: r.Name}
		}),
	}
}

func mailJobToAPI(j vemap.MailJob) api.SendMailData {
	return api.SendMailData{EmailID: j.ID, MicroserviceData: api.MicroserviceData{
		TotalRecipients: len(j.Messages), SuccessfulSends: len(j.Messages), FailedSends: 0,
		SentMessages: list(j.Messages, func(m vemap.MailMessage) api.SentMessage {
			return api.SentMessage{
				EmailID: j.ID, RecipientEmailID: m.ID, RecipientEmail: m.Email, Status: "sent", MessageID: m.MessageID, SqsMessageID: m.QueueID,
			}
		}),
	}}
}

func mailingFromAPI(r api.CreateMailRecipientsRequestObject) vemapdb.MailingRequest {
	return vemapdb.MailingRequest{
		ProjectID: r.ProjectID, ClosureID: orZero(r.Params.ClosureID), Template: r.Body.TemplateID, Subject: r.Body.Subject, Message: r.Body.Message,
		Recipients: list(r.Body.Recipients, func(i api.MailingRecipientInput) vemap.NewRecipient {
			return vemap.NewRecipient{Email: i.Email, Name: i.Name, Role: mailingRole(i.Role)}
		}),
	}
}

func mailingRole(r *api.MailingRecipientInputRole) string {
	if r == nil {
		return "stakeholder"
	}
	return string(*r)
}

func templateToAPI(t vemap.Template) api.Template {
	return api.Template{ID: t.ID, Name: t.Name, TemplateData: t.Data}
}
