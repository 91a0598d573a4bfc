package capodb

import (
	"encoding/json"
	"fmt"

	"loket/store"
	"loket/store/capo"
)

type organisatieRow struct {
	OrganisatieID string `gorm:"primaryKey"`
	Naam          string `gorm:"not null"`
	Soort         string `gorm:"not null"`
	Disciplines   string `gorm:"not null"` // JSON
}

func (organisatieRow) TableName() string { return "capo_organisaties" }

type gebiedRow struct {
	GebiedID                 string `gorm:"primaryKey"`
	Naam                     string `gorm:"not null"`
	Combi                    string `gorm:"not null"`
	CombiOrganisatieID       string `gorm:"not null"`
	WekenNaWerkvoorbereiding int    `gorm:"not null"`
	Ondersteund              bool   `gorm:"not null"`
	Bijlagen                 string `gorm:"not null"` // JSON: presets, read as a whole
}

func (gebiedRow) TableName() string { return "capo_gebieden" }

// projectRow keeps what comes in whole and is shown whole (adres, producten,
// labels) as JSON, so that reading a project is one query. What is asked for
// by column, who is involved, is capo_betrokken.
type projectRow struct {
	ProjectID             string     `gorm:"primaryKey"`
	Projecttype           string     `gorm:"not null"`
	Projectnaam           string     `gorm:"not null"`
	Referenties           string     `gorm:"not null"` // JSON
	TypeAanvraag          string     `gorm:"not null"`
	TypeWerk              string     `gorm:"not null"`
	GebiedID              string     `gorm:"not null;index"`
	Adres                 string     `gorm:"not null"` // JSON
	Labels                string     `gorm:"not null"` // JSON
	DatumAangevraagd      string     `gorm:"not null"`
	Wensweek              string     `gorm:"not null"`
	VasteDatum            string     `gorm:"not null"`
	VasteHerkomst         string     `gorm:"not null"`
	GeplandDatum          string     `gorm:"not null"` // what the rule makes of all of it
	GeplandHerkomst       string     `gorm:"not null"`
	OpleverweekWerkmap    string     `gorm:"not null"`
	Processtap            string     `gorm:"not null"`
	Actief                bool       `gorm:"not null"`
	UitvoerendeAannemerID string     `gorm:"not null"`
	Producten             string     `gorm:"not null"` // JSON
	Document              string     `gorm:"not null"` // as answers show it; follows from the columns
	Ondersteund           bool       `gorm:"not null"` // what its area is
	AangemaaktOp          store.Time `gorm:"not null"`
	Version               int64      `gorm:"not null"`
}

func (projectRow) TableName() string { return "capo_projecten" }

// betrokkenRow says that an organisation has a part in a project: netbeheerder
// of a product, executing contractor, assigned party or reviewer of a
// container, or combi of the area; and how far its quickscan is. It is derived,
// and rewritten with them, so that what an organisation may know of a project
// is one row.
type betrokkenRow struct {
	OrganisatieID          string         `gorm:"primaryKey"`
	ProjectID              string         `gorm:"primaryKey;index"`
	Netbeheerder           bool           `gorm:"not null"` // of a product: it has a quickscan here
	HoofdleidingNodig      bool           `gorm:"not null"`
	ExtraWerkvoorbereiding bool           `gorm:"not null"`
	AfgerondOp             store.NullTime `gorm:""`
}

func (betrokkenRow) TableName() string { return "capo_betrokken" }

type bijlageAssignedRow struct {
	BijlageAssignedID string         `gorm:"primaryKey;index:capo_bijlageassigned_eigen,priority:3"`
	ProjectID         string         `gorm:"not null;index"`
	Documentsoort     string         `gorm:"not null"`
	OrganisatieID     string         `gorm:"not null;index:capo_bijlageassigned_eigen,priority:1"`
	BeoordelaarID     string         `gorm:"not null"`
	Status            string         `gorm:"not null;index:capo_bijlageassigned_eigen,priority:4"`
	RequiresReview    bool           `gorm:"not null"`
	Reden             string         `gorm:"not null"`
	Processtap        string         `gorm:"not null"`
	Opleverdatum      string         `gorm:"not null"`
	AantalBijlagen    int            `gorm:"not null"`
	AangemaaktOp      store.Time     `gorm:"not null;index:capo_bijlageassigned_eigen,priority:2"`
	GewijzigdOp       store.Time     `gorm:"not null"`
	OpgeleverdOp      store.NullTime `gorm:""`
	Version           int64          `gorm:"not null"`
}

func (bijlageAssignedRow) TableName() string { return "capo_bijlageassigned" }

// overgangRow is a line of the append-only log of a container.
type overgangRow struct {
	ID                int64      `gorm:"primaryKey;autoIncrement"`
	BijlageAssignedID string     `gorm:"not null;index"`
	Tijd              store.Time `gorm:"not null"`
	OrganisatieID     string     `gorm:"not null"`
	Van               string     `gorm:"not null"`
	Naar              string     `gorm:"not null"`
	Reden             string     `gorm:"not null"`
}

func (overgangRow) TableName() string { return "capo_overgangen" }

type bijlageRow struct {
	BijlageID     string         `gorm:"primaryKey"`
	ParentID      string         `gorm:"not null;index:capo_bijlagen_naam,priority:2"`
	ProjectID     string         `gorm:"not null;index:capo_bijlagen_naam,priority:1"`
	Bestandsnaam  string         `gorm:"not null;index:capo_bijlagen_naam,priority:3"`
	ContentType   string         `gorm:"not null"`
	ContentVast   bool           `gorm:"not null"`
	VerwachteMaat int64          `gorm:"not null"`
	Omschrijving  string         `gorm:"not null"`
	Status        string         `gorm:"not null"`
	OrganisatieID string         `gorm:"not null"`
	BlobKey       string         `gorm:"not null;index:,where:blob_key <> ''"`
	Grootte       int64          `gorm:"not null"`
	SHA256        string         `gorm:"column:sha256;not null"`
	URLGeldigTot  store.Time     `gorm:"not null"`
	AangemaaktOp  store.Time     `gorm:"not null"`
	GeuploadOp    store.NullTime `gorm:""`
	Version       int64          `gorm:"not null"`
}

func (bijlageRow) TableName() string { return "capo_bijlagen" }

type hoofdleidingRow struct {
	HoofdleidingID string     `gorm:"primaryKey"`
	ProjectID      string     `gorm:"not null;index"`
	OrganisatieID  string     `gorm:"not null"`
	Disciplines    string     `gorm:"not null"` // JSON
	Toelichting    string     `gorm:"not null"`
	AangemaaktOp   store.Time `gorm:"not null"`
}

func (hoofdleidingRow) TableName() string { return "capo_hoofdleidingen" }

type activiteitRow struct {
	ActiviteitID  string     `gorm:"primaryKey"`
	ProjectID     string     `gorm:"not null;index"`
	OrganisatieID string     `gorm:"not null"`
	Type          string     `gorm:"not null"`
	Status        string     `gorm:"not null"`
	Opleverdatum  string     `gorm:"not null"`
	Discipline    string     `gorm:"not null"`
	Omschrijving  string     `gorm:"not null"`
	AangemaaktOp  store.Time `gorm:"not null"`
}

func (activiteitRow) TableName() string { return "capo_activiteiten" }

type micRow struct {
	MicID         string     `gorm:"primaryKey"`
	ProjectID     string     `gorm:"not null;index"`
	OrganisatieID string     `gorm:"not null"`
	MeeInCombi    bool       `gorm:"not null"`
	Disciplines   string     `gorm:"not null"` // JSON
	Reden         string     `gorm:"not null"`
	AangemaaktOp  store.Time `gorm:"not null"`
}

func (micRow) TableName() string { return "capo_mics" }

// rows lists every row, for the migration and the drift test.
func rows() []any {
	return []any{
		&organisatieRow{}, &gebiedRow{}, &projectRow{}, &betrokkenRow{}, &bijlageAssignedRow{}, &overgangRow{},
		&bijlageRow{}, &hoofdleidingRow{}, &activiteitRow{}, &micRow{},
	}
}

// toJSON writes a value that is kept and read whole.
func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("capodb: %T cannot be kept: %v", v, err)) // plain structs of strings: cannot fail
	}
	return string(b)
}

// fromJSON reads what toJSON wrote; anything else is a broken store.
func fromJSON[T any](s string) (T, error) {
	var v T
	if s == "" {
		return v, nil
	}
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		return v, fmt.Errorf("capodb: broken JSON in the store: %w", err)
	}
	return v, nil
}

// disciplines reads a list of disciplines.
func disciplines(s string) ([]capo.Discipline, error) { return fromJSON[[]capo.Discipline](s) }
