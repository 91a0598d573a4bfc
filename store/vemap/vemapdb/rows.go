package vemapdb

import "loket/store"

type tenantRow struct {
	ID            string `gorm:"primaryKey"`
	Name          string `gorm:"not null;index"`
	Description   string `gorm:"not null"`
	ContactName   string `gorm:"not null"`
	ContactEmail  string `gorm:"not null"`
	ContactPhone  *string
	CreatedBy     string     `gorm:"not null"`
	CreatedByName string     `gorm:"not null"`
	CreatedAt     store.Time `gorm:"not null"`
	UpdatedAt     store.Time `gorm:"not null"`
}

func (tenantRow) TableName() string { return "vemap_tenants" }

type userRow struct {
	ID           string `gorm:"primaryKey"`
	EmailKey     string `gorm:"not null;uniqueIndex"` // folded: addresses are one whatever their case
	Email        string `gorm:"not null"`
	Name         string `gorm:"not null"`
	Company      string `gorm:"not null"`
	Phone        *string
	PasswordHash string     `gorm:"not null"`
	Temporary    bool       `gorm:"not null"` // the password must be changed at the first login
	PasswordAt   store.Time `gorm:"not null"`
	CreatedAt    store.Time `gorm:"not null"`
	UpdatedAt    store.Time `gorm:"not null"`
	Version      int64      `gorm:"not null"`
}

func (userRow) TableName() string { return "vemap_users" }

type membershipRow struct {
	TenantID string     `gorm:"primaryKey" references:"vemap_tenants(id)"`
	UserID   string     `gorm:"primaryKey;index" references:"vemap_users(id)"`
	Role     string     `gorm:"not null"`
	AddedAt  store.Time `gorm:"not null"`
}

func (membershipRow) TableName() string { return "vemap_memberships" }

// sessionRow is a login. Its tokens live as long as it does.
type sessionRow struct {
	ID        string     `gorm:"primaryKey"`
	UserID    string     `gorm:"not null;index" references:"vemap_users(id) ON DELETE CASCADE"`
	ExpiresAt store.Time `gorm:"not null"`
}

func (sessionRow) TableName() string { return "vemap_sessions" }

// challengeRow is a Session of a first login that was not yet used.
type challengeRow struct {
	ID        string     `gorm:"primaryKey"`
	UserID    string     `gorm:"not null;index" references:"vemap_users(id) ON DELETE CASCADE"`
	ExpiresAt store.Time `gorm:"not null"`
}

func (challengeRow) TableName() string { return "vemap_challenges" }

// codeRow is the newest confirmation code of a user.
type codeRow struct {
	UserID    string     `gorm:"primaryKey" references:"vemap_users(id) ON DELETE CASCADE"`
	CodeHMAC  string     `gorm:"column:code_hmac;not null"`
	ExpiresAt store.Time `gorm:"not null"`
	Tries     int64      `gorm:"not null"`
}

func (codeRow) TableName() string { return "vemap_codes" }

// attemptRow counts against guessing: a failed login, or a request for a code.
// The subject is a hash of the address, for it may be anything that somebody
// typed.
type attemptRow struct {
	ID      int64      `gorm:"primaryKey;autoIncrement"`
	Kind    string     `gorm:"not null;index:idx_vemap_attempts,priority:1"`
	Subject string     `gorm:"not null;index:idx_vemap_attempts,priority:2"`
	At      store.Time `gorm:"not null;index:idx_vemap_attempts,priority:3"`
}

func (attemptRow) TableName() string { return "vemap_attempts" }

type projectRow struct {
	ID                   string     `gorm:"primaryKey"`
	TenantID             string     `gorm:"not null;index" references:"vemap_tenants(id)"`
	Name                 string     `gorm:"not null"`
	Description          string     `gorm:"not null"`
	ContractingAuthority string     `gorm:"not null"`
	RoadNumbers          string     `gorm:"not null"`
	StartDate            store.Date `gorm:"not null"`
	EndDate              store.Date `gorm:"not null"`
	PhaseNumber          string     `gorm:"not null"`
	CreatedBy            string     `gorm:"not null"`
	Archived             bool       `gorm:"not null"`
	CreatedAt            store.Time `gorm:"not null"`
	UpdatedAt            store.Time `gorm:"not null"`
}

func (projectRow) TableName() string { return "vemap_projects" }

type managerRow struct {
	ProjectID string `gorm:"primaryKey" references:"vemap_projects(id)"`
	UserID    string `gorm:"primaryKey;index" references:"vemap_users(id)"`
	Position  int64  `gorm:"not null"` // in order of adding
}

func (managerRow) TableName() string { return "vemap_project_managers" }

type recipientRow struct {
	ID           string     `gorm:"primaryKey"`
	TenantID     string     `gorm:"not null;index:idx_vemap_recipients_email,priority:1"`
	ProjectID    string     `gorm:"not null;uniqueIndex:idx_vemap_recipients,priority:1" references:"vemap_projects(id)"`
	EmailKey     string     `gorm:"not null;uniqueIndex:idx_vemap_recipients,priority:2;index:idx_vemap_recipients_email,priority:2"`
	Email        string     `gorm:"not null"`
	Name         string     `gorm:"not null"`
	Organisation string     `gorm:"not null"`
	Position     int64      `gorm:"not null"`
	CreatedAt    store.Time `gorm:"not null"`
}

func (recipientRow) TableName() string { return "vemap_recipients" }

type closureRow struct {
	ID            string     `gorm:"primaryKey"`
	TenantID      string     `gorm:"not null;index"`
	ProjectID     string     `gorm:"not null;index" references:"vemap_projects(id)"`
	Name          string     `gorm:"not null"`
	Description   string     `gorm:"not null"`
	Type          string     `gorm:"not null"`
	Status        string     `gorm:"not null"`
	RoadSegment   string     `gorm:"not null"`
	StartDate     store.Date `gorm:"not null"`
	EndDate       store.Date `gorm:"not null"`
	Melvin        bool       `gorm:"not null"`
	Spin          bool       `gorm:"not null"`
	CreatedBy     string     `gorm:"not null"`
	CreatedByName string     `gorm:"not null"`
	CreatedAt     store.Time `gorm:"not null"`
	UpdatedAt     store.Time `gorm:"not null"`
}

func (closureRow) TableName() string { return "vemap_closures" }

// stakeholderRow is a user's part in a closure. It stays when it ends: it is
// the event too, so it keeps the names of its time.
type stakeholderRow struct {
	ID            int64      `gorm:"primaryKey;autoIncrement"`
	ClosureID     string     `gorm:"not null;uniqueIndex:idx_vemap_stakeholders,priority:1,where:deleted_at IS NULL;index:idx_vemap_stakeholders_all" references:"vemap_closures(id)"`
	UserID        string     `gorm:"not null;uniqueIndex:idx_vemap_stakeholders,priority:2,where:deleted_at IS NULL;index:idx_vemap_stakeholders_user"`
	UserName      string     `gorm:"not null"`
	CreatedBy     string     `gorm:"not null"`
	CreatedByName string     `gorm:"not null"`
	CreatedAt     store.Time `gorm:"not null"`
	DeletedAt     store.NullTime
}

func (stakeholderRow) TableName() string { return "vemap_stakeholders" }

// fileRow is one version of a file. A deleted one stays as a record, for the
// comments that name it.
type fileRow struct {
	ID            string  `gorm:"primaryKey"`
	TenantID      string  `gorm:"not null;index" references:"vemap_tenants(id)"`
	ProjectID     *string `gorm:"index"`
	ClosureID     *string `gorm:"index" references:"vemap_closures(id)"`
	Name          string  `gorm:"not null"`
	Type          string  `gorm:"not null"`
	FileType      string  `gorm:"not null"`
	Category      string  `gorm:"not null"`
	Status        string  `gorm:"not null"`
	Path          string  `gorm:"not null"`
	Size          int64   `gorm:"not null"`
	Number        int64   `gorm:"not null"` // the version in tenths; Version counts changes of the row
	Stored        bool    `gorm:"not null"`
	Current       bool    `gorm:"not null"`
	Archived      bool    `gorm:"not null"`
	BlobKey       *string `gorm:"index"`
	SHA256        string  `gorm:"column:sha256;not null"`
	Description   *string
	Tags          string     `gorm:"not null"` // JSON
	CreatedBy     string     `gorm:"not null"`
	CreatedByName string     `gorm:"not null"`
	CreatedAt     store.Time `gorm:"not null"`
	UpdatedBy     string     `gorm:"not null"`
	UpdatedAt     store.Time `gorm:"not null"`
	DeletedAt     store.NullTime
	Version       int64 `gorm:"not null"`
}

func (fileRow) TableName() string { return "vemap_files" }

// fileEventRow tells that a version was announced, in the words of that time.
type fileEventRow struct {
	ID        int64      `gorm:"primaryKey;autoIncrement"`
	ClosureID string     `gorm:"not null;index" references:"vemap_closures(id)"`
	Name      string     `gorm:"not null"`
	Type      string     `gorm:"not null"`
	Number    int64      `gorm:"not null"`
	CreatedBy string     `gorm:"not null"`
	UserName  string     `gorm:"not null"`
	CreatedAt store.Time `gorm:"not null"`
}

func (fileEventRow) TableName() string { return "vemap_file_events" }

type commentRow struct {
	ID        string     `gorm:"primaryKey"`
	TenantID  string     `gorm:"not null;index"`
	ProjectID string     `gorm:"not null"`
	ClosureID string     `gorm:"not null;index" references:"vemap_closures(id)"`
	FileID    string     `gorm:"not null"`
	Number    string     `gorm:"not null"` // the version that it is about, as text
	UserID    string     `gorm:"not null"`
	UserName  string     `gorm:"not null"`
	Type      string     `gorm:"not null"`
	Message   string     `gorm:"not null"`
	CreatedAt store.Time `gorm:"not null"`
}

func (commentRow) TableName() string { return "vemap_comments" }

type mailingListRow struct {
	ID        string     `gorm:"primaryKey"`
	ClosureID string     `gorm:"not null;uniqueIndex" references:"vemap_closures(id)"`
	Template  string     `gorm:"not null"` // defaults that a request gave (I37)
	Subject   string     `gorm:"not null"`
	Message   string     `gorm:"not null"`
	CreatedBy string     `gorm:"not null"`
	CreatedAt store.Time `gorm:"not null"`
	UpdatedAt store.Time `gorm:"not null"`
}

func (mailingListRow) TableName() string { return "vemap_mailing_lists" }

// memberRow is a recipient's place on a mailing list. It stays when it ends: it
// is the event too.
type memberRow struct {
	ID           int64      `gorm:"primaryKey;autoIncrement"`
	ListID       string     `gorm:"not null;uniqueIndex:idx_vemap_members,priority:1,where:active;index:idx_vemap_members_all" references:"vemap_mailing_lists(id)"`
	RecipientID  string     `gorm:"not null;uniqueIndex:idx_vemap_members,priority:2,where:active;index:idx_vemap_members_recipient"`
	Email        string     `gorm:"not null"`
	Name         string     `gorm:"not null"`
	Organisation string     `gorm:"not null"`
	Role         string     `gorm:"not null"`
	Active       bool       `gorm:"not null"`
	AddedBy      string     `gorm:"not null"`
	AddedAt      store.Time `gorm:"not null"`
}

func (memberRow) TableName() string { return "vemap_mailing_list_members" }

type templateRow struct {
	ID        string     `gorm:"primaryKey"`
	TenantID  string     `gorm:"not null;uniqueIndex:idx_vemap_templates,priority:1" references:"vemap_tenants(id)"`
	Name      string     `gorm:"not null;uniqueIndex:idx_vemap_templates,priority:2"`
	Data      string     `gorm:"not null"` // JSON
	CreatedBy string     `gorm:"not null"`
	CreatedAt store.Time `gorm:"not null"`
}

func (templateRow) TableName() string { return "vemap_templates" }

type mailJobRow struct {
	ID           string     `gorm:"primaryKey"`
	ClosureID    string     `gorm:"not null;index" references:"vemap_closures(id)"`
	TemplateID   string     `gorm:"not null"`
	TemplateName string     `gorm:"not null"`
	Subject      string     `gorm:"not null"`
	CreatedBy    string     `gorm:"not null"`
	CreatedAt    store.Time `gorm:"not null"`
}

func (mailJobRow) TableName() string { return "vemap_mail_jobs" }

// mailRow is one message of a job; its state is in the outbox.
type mailRow struct {
	ID        string `gorm:"primaryKey"`
	JobID     string `gorm:"not null;index" references:"vemap_mail_jobs(id)"`
	Email     string `gorm:"not null"`
	Name      string `gorm:"not null"`
	MessageID string `gorm:"not null"`
	QueueID   string `gorm:"not null"`
}

func (mailRow) TableName() string { return "vemap_mails" }

// rows are all tables, those that are pointed at first.
func rows() []any {
	return []any{
		&tenantRow{}, &userRow{}, &membershipRow{}, &sessionRow{}, &challengeRow{}, &codeRow{}, &attemptRow{},
		&projectRow{}, &managerRow{}, &recipientRow{}, &closureRow{}, &stakeholderRow{}, &fileRow{}, &fileEventRow{}, &commentRow{},
		&mailingListRow{}, &memberRow{}, &templateRow{}, &mailJobRow{}, &mailRow{},
	}
}
