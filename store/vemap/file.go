package vemap

import (
	"mime"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"loket/store/fault"
)

// The types of file. A logo belongs to a tenant, the others to a closure.
const (
	TypeSupport = "support"
	TypePlan    = "vkm-plan"
	TypeLogo    = "logo"
)

// The statuses of a file. Archived and File.Archived are one thing (4.7).
const (
	StatusConcept  = "concept"
	StatusPending  = "pending"
	StatusActive   = "active"
	StatusFinal    = "final"
	StatusArchived = "archived"
)

// File is one version of a file. Its bytes may not be there yet.
type File struct {
	ID, TenantID, ProjectID, ClosureID string // a logo has no project and no closure
	Name, Type, FileType, Category     string
	Status, Path                       string // Path is only shown
	Size                               int64
	Version                            Version
	Stored, Current, Archived          bool
	BlobKey, SHA256                    string
	Description                        *string
	Tags                               []string
	CreatedBy, CreatedByName           string
	CreatedAt                          time.Time
	UpdatedBy                          string
	UpdatedAt                          time.Time
}

// SameFile tells whether g is another version of f: of a plan there is one per
// closure, of the rest one per name (4.7).
func (f File) SameFile(g File) bool {
	return f.ClosureID == g.ClosureID && f.Type == g.Type && (f.Type == TypePlan || f.Name == g.Name)
}

// NewFile is what a caller gives to announce a file.
type NewFile struct {
	Name, Type, FileType, Category string
	Status, Path                   string
	ProjectID, ClosureID           string
	Size                           int64
	Version                        *Version // nil: the next one
	Current, Archived              bool
}

// ValidFileName is the rule of file names (section 6): 1 to 255 characters, no
// slash, backslash, or control character, and no name of a directory.
func ValidFileName(s string) bool {
	n := utf8.RuneCountInString(s)
	if n < 1 || n > 255 || !utf8.ValidString(s) || s == "." || s == ".." {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r == '/' || r == '\\' || unicode.IsControl(r) })
}

// Announce makes the record of a new file version (4.7). siblings are the
// versions that are there. Invalid for a closure of another project or a
// version that is not to be current but has no number; Conflict for a number
// that is not higher than the highest, when that is the last there is, and for
// status final, which needs bytes.
func (n NewFile) Announce(closure Closure, siblings []File, a Actor, now time.Time) (File, error) {
	var fs []fault.Field
	if n.ProjectID != closure.ProjectID {
		fs = append(fs, Field("/projectId", "must be the project of the closure"))
	}
	if !n.Current && n.Version == nil {
		fs = append(fs, Field("/version", "must be given when isCurrentVersion is false"))
	}
	if err := Invalid(fs...); err != nil {
		return File{}, err
	}
	highest := Version(0)
	for _, s := range siblings {
		highest = max(highest, s.Version)
	}
	version := FirstVersion
	switch {
	case n.Version != nil && *n.Version <= highest:
		return File{}, fault.New(fault.Conflict, VersionTooLow, "The version must be higher than %s", highest)
	case n.Version != nil:
		version = *n.Version
	case highest >= LastVersion:
		return File{}, fault.New(fault.Conflict, VersionTooLow, "No version follows %s", highest)
	case highest > 0:
		version = highest + 1
	}
	if n.Status == StatusFinal {
		return File{}, fault.New(fault.Conflict, FinalRefused, "Only a stored vkm-plan can be final")
	}
	f := File{
		TenantID: a.TenantID, ProjectID: closure.ProjectID, ClosureID: closure.ID,
		Name: n.Name, Type: n.Type, FileType: n.FileType, Category: n.Category, Status: n.Status, Path: n.Path,
		Size: n.Size, Version: version, Current: n.Current, Archived: n.Archived || n.Status == StatusArchived,
		CreatedBy: a.UserID, CreatedByName: a.Name, CreatedAt: now, UpdatedBy: a.UserID, UpdatedAt: now,
	}
	f.fill()
	return f, nil
}

// fill sets what the caller left open.
func (f *File) fill() {
	if f.Status == "" {
		f.Status = StatusConcept
	}
	if f.Archived {
		f.Status = StatusArchived
	}
	if f.Path == "" {
		f.Path = "/files/" + f.Name
	}
	if f.Category == "" {
		f.Category = "document"
		if strings.HasPrefix(f.FileType, "image/") {
			f.Category = "image"
		}
	}
}

// AnnounceLogo makes the record of a tenant's logo (4.4).
func (l Logo) AnnounceLogo(tenantID string, a Actor, now time.Time) File {
	return File{
		TenantID: tenantID, Name: l.FileName, Type: TypeLogo, FileType: l.FileType, Category: "image",
		Status: StatusPending, Path: "/files/" + l.FileName, Size: l.Size, Version: max(l.Version, FirstVersion), Current: true,
		CreatedBy: a.UserID, CreatedByName: a.Name, CreatedAt: now, UpdatedBy: a.UserID, UpdatedAt: now,
	}
}

// FileChange is what a PATCH asks; nil leaves a value as it is.
type FileChange struct {
	Name, Status *string
	Metadata     *Metadata
}

// Metadata is kept, and shown by no answer (I31).
type Metadata struct {
	Description *string
	Tags        []string
}

// Change applies a change (4.7). A final file is changed by nobody; final
// itself needs a plan with bytes; archived is a status and a mark in one. It is
// for the caller to rename the other versions, and to make a former final
// active.
func (f *File) Change(c FileChange, a Actor, now time.Time) error {
	if f.Status == StatusFinal {
		return fault.New(fault.Conflict, FinalFixed, "A final file is not changed")
	}
	if c.Status != nil {
		if *c.Status == StatusFinal && (f.Type != TypePlan || !f.Stored) {
			return fault.New(fault.Conflict, FinalRefused, "Only a stored vkm-plan can be final")
		}
		f.Status = *c.Status
		f.Archived = *c.Status == StatusArchived
	}
	if c.Name != nil {
		f.Rename(*c.Name)
	}
	if c.Metadata != nil {
		f.Description, f.Tags = c.Metadata.Description, c.Metadata.Tags
	}
	f.UpdatedBy, f.UpdatedAt = a.UserID, now
	return nil
}

// Rename gives the file another name; the last part of its path follows (I31).
func (f *File) Rename(name string) {
	f.Name = name
	dir, _ := path.Split(f.Path)
	f.Path = dir + name
}

// NameTaken is the fault of a name that another file of the closure has.
func NameTaken() *fault.Error {
	return fault.New(fault.Conflict, FileNameTaken, "Another file of this closure has that name")
}

// MayDelete checks that a final file is deleted by administrators only (4.7).
func (f File) MayDelete(a Actor) error {
	if f.Status == StatusFinal && a.Role != RoleAdmin && a.Role != RoleOrganisation {
		return fault.New(fault.Conflict, FinalFixed, "A final file is deleted by an administrator only")
	}
	return nil
}

// Receive marks the bytes as there: what was pending becomes active. Conflict
// when they were there before.
func (f *File) Receive(key, sha256 string, now time.Time) error {
	if f.Stored {
		return fault.New(fault.Conflict, AddressSpent, "This file has its bytes already")
	}
	f.Stored, f.BlobKey, f.SHA256, f.UpdatedAt = true, key, sha256, now
	if f.Status == StatusPending {
		f.Status = StatusActive
	}
	return nil
}

// VisibleLogo tells whether the actor may see a logo: administrators (4.7).
func (a Actor) VisibleLogo() bool { return a.Role == RoleAdmin || a.Role == RoleOrganisation }

// Comment is a remark on a version of a plan.
type Comment struct {
	ID, TenantID, ProjectID, ClosureID string
	PlanID, Version                    string
	UserID, UserName                   string
	Type, Message                      string
	CreatedAt                          time.Time
}

// NewComment is what a caller gives to make a comment.
type NewComment struct {
	PlanID, Version, Type, Message, ProjectID string
}

// CommentType is the type of a comment whose maker gives none.
const CommentType = "COMMENT"

// Check applies 4.7: the plan is a plan of this closure, in this version, and
// the project is the closure's. plan is nil when there is none.
func (n NewComment) Check(closure Closure, plan *File) error {
	var fs []fault.Field
	switch {
	case plan == nil || plan.Type != TypePlan || plan.ClosureID != closure.ID:
		fs = append(fs, Field("/vkmPlanId", "is no vkm-plan of this closure"))
	case plan.Version.String() != n.Version:
		fs = append(fs, Field("/version", "must be the version of the vkm-plan"))
	}
	if n.ProjectID != closure.ProjectID {
		fs = append(fs, Field("/projectId", "must be the project of the closure"))
	}
	return Invalid(fs...)
}

// Accept checks what an upload announces before a byte is read: the media type
// (its parameters do not matter), and the length when it is known (-1 is not).
func (f File) Accept(contentType string, length int64) error {
	got, _, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.EqualFold(got, f.FileType) {
		return fault.New(fault.UnsupportedMedia, TypeDiffers, "The bytes must be announced as %s", f.FileType)
	}
	if f.Stored {
		return fault.New(fault.Conflict, AddressSpent, "This file has its bytes already")
	}
	if length > MaxFile {
		return fault.New(fault.TooLarge, fault.BodyTooLarge, "At most %d bytes", MaxFile)
	}
	if length >= 0 && length != f.Size {
		return OtherSize(f.Size)
	}
	return nil
}

// OtherSize is the fault of bytes of another number than announced.
func OtherSize(announced int64) *fault.Error {
	return fault.New(fault.Invalid, SizeDiffers, "%d bytes were announced", announced)
}
