package plooidb

import "loket/store"

type documentRow struct {
	DocumentID   string     `gorm:"primaryKey"`
	Pid          string     `gorm:"not null;uniqueIndex"`
	Publisher    string     `gorm:"not null"` // identifier
	Relaties     string     `gorm:"not null"` // JSON of the registration; "" is none
	AangemaaktOp store.Time `gorm:"not null"`
	Version      int64      `gorm:"not null"`
}

func (documentRow) TableName() string { return "plooi_documenten" }

// versieRow is an entry of the manifest. Metadata stands in each, so that a
// version is read whole; a file is a row of its own, because several versions
// have it and its scan goes for all.
type versieRow struct {
	DocumentID     string     `gorm:"primaryKey" references:"plooi_documenten(document_id)"`
	Volgnr         int        `gorm:"primaryKey;autoIncrement:false"`
	Nummer         int        `gorm:"not null"`
	Oorzaak        string     `gorm:"not null"`
	Reden          string     `gorm:"not null"`
	Openbaarmaking string     `gorm:"not null"`
	Wijziging      string     `gorm:"not null"`
	Mutatie        store.Time `gorm:"not null"`
	Blokkades      string     `gorm:"not null"` // with commas
	ZichtbaarVanaf store.NullTime
	Metadata       string `gorm:"not null"`
	NieuweMetadata bool   `gorm:"not null"`
	BlobKey        string `gorm:"not null"` // "" is no file
	NieuwBestand   bool   `gorm:"not null"`
	VerwerktOp     store.NullTime
}

func (versieRow) TableName() string { return "plooi_versies" }

type bestandRow struct {
	BlobKey string `gorm:"primaryKey"`
	SHA256  string `gorm:"not null"`
	Type    string `gorm:"not null"`
	Grootte int64  `gorm:"not null"`
	Keuring string `gorm:"not null"`
}

func (bestandRow) TableName() string { return "plooi_bestanden" }

// relatieRow lets a document find those that point to it.
type relatieRow struct {
	DocumentID string `gorm:"primaryKey" references:"plooi_documenten(document_id)"`
	Doel       string `gorm:"not null;index"` // uuid; "" when it is none
	Relation   string `gorm:"not null"`
	Role       string `gorm:"not null"`
}

func (relatieRow) TableName() string { return "plooi_relaties" }

type procesRow struct {
	ProcesID     string     `gorm:"primaryKey"`
	DocumentID   string     `gorm:"not null;index" references:"plooi_documenten(document_id)"`
	TriggerType  string     `gorm:"not null"`
	AangemaaktOp store.Time `gorm:"not null"`
}

func (procesRow) TableName() string { return "plooi_processen" }

type verwerkingRow struct {
	VerwerkingID string     `gorm:"primaryKey"` // sorts as they were made
	ProcesID     string     `gorm:"not null;index" references:"plooi_processen(proces_id)"`
	DocumentID   string     `gorm:"not null;index" references:"plooi_documenten(document_id)"`
	Stage        string     `gorm:"not null"`
	Severity     string     `gorm:"not null"`
	Diagnoses    string     `gorm:"not null"` // JSON
	Op           store.Time `gorm:"not null"`
}

func (verwerkingRow) TableName() string { return "plooi_verwerkingen" }

// taakRow is a version that waits for the worker.
type taakRow struct {
	DocumentID   string     `gorm:"primaryKey" references:"plooi_documenten(document_id)"`
	Volgnr       int        `gorm:"primaryKey;autoIncrement:false"`
	ProcesID     string     `gorm:"not null"`
	DueAt        store.Time `gorm:"not null;index"`
	Lease        string     `gorm:"not null"` // of the worker that has it; "" is nobody
	Attempts     int        `gorm:"not null"`
	VerwerkingID string     `gorm:"not null"` // what says that it waits; "" before it did
}

func (taakRow) TableName() string { return "plooi_taken" }

// publicatieRow is what the public sees of a document, made once when it is
// processed; it goes with the withdrawal.
type publicatieRow struct {
	Nr             int64      `gorm:"primaryKey;autoIncrement"` // of the full text
	DocumentID     string     `gorm:"not null;uniqueIndex" references:"plooi_documenten(document_id)"`
	Volgnr         int        `gorm:"not null"`
	Code           string     `gorm:"not null;index:idx_plooi_publicaties_eigen,priority:1"`
	Titel          string     `gorm:"not null"`
	TitelGevouwen  string     `gorm:"not null"` // with a space at both ends
	Record         string     `gorm:"not null"` // JSON, without relations
	Openbaarmaking string     `gorm:"not null"`
	Wijziging      string     `gorm:"not null"`
	Mutatie        store.Time `gorm:"not null;index;index:idx_plooi_publicaties_eigen,priority:2"`
	Geblokkeerd    bool       `gorm:"not null"`
	ZichtbaarVanaf store.NullTime
	BlobKey        string `gorm:"not null"`
}

func (publicatieRow) TableName() string { return "plooi_publicaties" }

// termRow is what a filter asks for.
type termRow struct {
	Nr     int64  `gorm:"primaryKey;autoIncrement:false" references:"plooi_publicaties(nr) ON DELETE CASCADE"`
	Soort  string `gorm:"primaryKey;index:idx_plooi_termen_waarde,priority:1"`
	Waarde string `gorm:"primaryKey;index:idx_plooi_termen_waarde,priority:2"`
}

func (termRow) TableName() string { return "plooi_termen" }

func rows() []any {
	return []any{
		&documentRow{}, &bestandRow{}, &versieRow{}, &relatieRow{}, &procesRow{}, &verwerkingRow{}, &taakRow{}, &publicatieRow{}, &termRow{},
	}
}
