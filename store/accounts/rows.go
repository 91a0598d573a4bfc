package accounts

import (
	"gorm.io/gorm"

	"loket/store"
)

type organisationRow struct {
	ID        string     `gorm:"primaryKey"`
	Name      string     `gorm:"not null;uniqueIndex"`
	CreatedAt store.Time `gorm:"not null"`
	Version   int64      `gorm:"not null"`
}

func (organisationRow) TableName() string { return "organisation" }

func (r organisationRow) fromDB() Organisation {
	return Organisation{ID: r.ID, Name: r.Name, CreatedAt: r.CreatedAt.Time}
}

type credentialRow struct {
	ID             string     `gorm:"primaryKey"`
	OrganisationID string     `gorm:"not null;index" references:"organisation(id)"`
	Label          string     `gorm:"not null"`
	TokenSHA256    string     `gorm:"column:token_sha256;not null;uniqueIndex"` // lower-case hex
	CreatedAt      store.Time `gorm:"not null"`
	RevokedAt      store.NullTime
	Version        int64 `gorm:"not null"`
}

func (credentialRow) TableName() string { return "credential" }

func (r credentialRow) fromDB(organisation string, apis []string) Credential {
	return Credential{
		ID: r.ID, OrganisationID: r.OrganisationID, OrganisationName: organisation, Label: r.Label,
		APIs: apis, CreatedAt: r.CreatedAt.Time, RevokedAt: r.RevokedAt.Ptr(),
	}
}

type grantRow struct {
	CredentialID string `gorm:"primaryKey" references:"credential(id)"`
	API          string `gorm:"column:api;primaryKey"`
}

func (grantRow) TableName() string { return "credential_grant" }

// Migrations are this room's steps. They hold structs of their own, so that
// they stay as they are when the rows change.
func Migrations() []store.Migration {
	return []store.Migration{{ID: "accounts-0001", Up: accounts0001}}
}

type organisation0001 struct {
	ID        string     `gorm:"primaryKey"`
	Name      string     `gorm:"not null;uniqueIndex"`
	CreatedAt store.Time `gorm:"not null"`
	Version   int64      `gorm:"not null"`
}

func (organisation0001) TableName() string { return "organisation" }

type credential0001 struct {
	ID             string     `gorm:"primaryKey"`
	OrganisationID string     `gorm:"not null;index" references:"organisation(id)"`
	Label          string     `gorm:"not null"`
	TokenSHA256    string     `gorm:"column:token_sha256;not null;uniqueIndex"`
	CreatedAt      store.Time `gorm:"not null"`
	RevokedAt      store.NullTime
	Version        int64 `gorm:"not null"`
}

func (credential0001) TableName() string { return "credential" }

type grant0001 struct {
	CredentialID string `gorm:"primaryKey" references:"credential(id)"`
	API          string `gorm:"column:api;primaryKey"`
}

func (grant0001) TableName() string { return "credential_grant" }

func accounts0001(tx *gorm.DB) error {
	return store.CreateTables(tx, &organisation0001{}, &credential0001{}, &grant0001{})
}
