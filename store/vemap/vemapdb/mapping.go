package vemapdb

import (
	"encoding/json"
	"errors"

	"loket/store"
	"loket/store/fault"
	"loket/store/vemap"
)

// missing names what was not found; other errors stay as they are.
func missing(err error, thing string) error {
	if fault.ReasonOf(err) == fault.Missing {
		return vemap.Missing(thing)
	}
	return err
}

// taken turns a broken unique index into the API's own conflict.
func taken(err error, conflict *fault.Error) error {
	if err = store.Translate(err); fault.ReasonOf(err) == fault.Duplicate {
		return conflict
	}
	return err
}

func (r userRow) fromDB(tenantID, role string) vemap.User {
	return vemap.User{
		ID: r.ID, Name: r.Name, Email: r.Email, Company: r.Company, Phone: r.Phone, TenantID: tenantID, Role: vemap.Role(role),
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

func (r projectRow) fromDB() vemap.Project {
	return vemap.Project{
		ID: r.ID, TenantID: r.TenantID, Name: r.Name, Description: r.Description, ContractingAuthority: r.ContractingAuthority,
		RoadNumbers: r.RoadNumbers, Start: vemap.Date(r.StartDate), End: vemap.Date(r.EndDate), PhaseNumber: r.PhaseNumber,
		CreatedBy: r.CreatedBy, Archived: r.Archived, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

func (r closureRow) fromDB() vemap.Closure {
	return vemap.Closure{
		ID: r.ID, TenantID: r.TenantID, ProjectID: r.ProjectID, Name: r.Name, Description: r.Description, Type: r.Type,
		Status: r.Status, RoadSegment: r.RoadSegment, Start: vemap.Date(r.StartDate), End: vemap.Date(r.EndDate),
		Melvin: r.Melvin, Spin: r.Spin, CreatedBy: r.CreatedBy, CreatedByName: r.CreatedByName,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

func (r fileRow) fromDB() (vemap.File, error) {
	f := vemap.File{
		ID: r.ID, TenantID: r.TenantID, ProjectID: value(r.ProjectID), ClosureID: value(r.ClosureID), Name: r.Name, Type: r.Type,
		FileType: r.FileType, Category: r.Category, Status: r.Status, Path: r.Path, Size: r.Size, Version: vemap.Version(r.Number),
		Stored: r.Stored, Current: r.Current, Archived: r.Archived, BlobKey: value(r.BlobKey), SHA256: r.SHA256,
		Description: r.Description, CreatedBy: r.CreatedBy, CreatedByName: r.CreatedByName, CreatedAt: r.CreatedAt.Time,
		UpdatedBy: r.UpdatedBy, UpdatedAt: r.UpdatedAt.Time,
	}
	if err := json.Unmarshal([]byte(r.Tags), &f.Tags); err != nil {
		return vemap.File{}, errors.New("the tags of a stored file cannot be read")
	}
	return f, nil
}

// toDB writes a file over the row it came from; a zero row for a new one.
func toDB(f vemap.File, r fileRow) (fileRow, error) {
	tags, err := json.Marshal(f.Tags)
	if err != nil {
		return fileRow{}, err
	}
	return fileRow{
		ID: f.ID, TenantID: f.TenantID, ProjectID: pointer(f.ProjectID), ClosureID: pointer(f.ClosureID), Name: f.Name, Type: f.Type,
		FileType: f.FileType, Category: f.Category, Status: f.Status, Path: f.Path, Size: f.Size, Number: int64(f.Version),
		Stored: f.Stored, Current: f.Current, Archived: f.Archived, BlobKey: pointer(f.BlobKey), SHA256: f.SHA256,
		Description: f.Description, Tags: string(tags), CreatedBy: f.CreatedBy, CreatedByName: f.CreatedByName,
		CreatedAt: store.At(f.CreatedAt), UpdatedBy: f.UpdatedBy, UpdatedAt: store.At(f.UpdatedAt),
		DeletedAt: r.DeletedAt, Version: r.Version,
	}, nil
}

func (r commentRow) fromDB() vemap.Comment {
	return vemap.Comment{
		ID: r.ID, TenantID: r.TenantID, ProjectID: r.ProjectID, ClosureID: r.ClosureID, PlanID: r.FileID, Version: r.Number,
		UserID: r.UserID, UserName: r.UserName, Type: r.Type, Message: r.Message, CreatedAt: r.CreatedAt.Time,
	}
}

func (r templateRow) fromDB() (vemap.Template, error) {
	t := vemap.Template{ID: r.ID, Name: r.Name}
	if err := json.Unmarshal([]byte(r.Data), &t.Data); err != nil {
		return vemap.Template{}, errors.New("a stored template cannot be read")
	}
	return t, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func pointer(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
