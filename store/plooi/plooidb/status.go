package plooidb

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/fault"
	"loket/store/plooi"
)

// What begins a process, in the words of the original.
const (
	procesAanlevering = "Aanlevering"
	procesIntrekken   = "Intrekken"
)

func (d *DB) nieuwProces(tx *gorm.DB, procesID, documentID, trigger string) error {
	return store.Translate(tx.Create(&procesRow{ProcesID: procesID, DocumentID: documentID, TriggerType: trigger, AangemaaktOp: store.At(d.Now())}).Error)
}

// proces finds the process of a session, or registers one: an unknown session,
// or that of another document, is correlation only and no error (D43).
func (d *DB) proces(tx *gorm.DB, sessie, documentID string) (string, error) {
	if sessie != "" {
		var n int64
		if err := tx.Model(&procesRow{}).Where("proces_id = ? AND document_id = ?", sessie, documentID).Count(&n).Error; err != nil {
			return "", store.Translate(err)
		}
		if n > 0 {
			return sessie, nil
		}
	}
	id := d.NieuweUUID()
	return id, d.nieuwProces(tx, id, documentID, procesAanlevering)
}

// meld records a step of the processing; its severity is the gravest of the
// diagnoses.
func (d *DB) meld(tx *gorm.DB, procesID, documentID string, stage plooi.Stage, diagnoses ...plooi.Diagnose) error {
	_, err := d.meldAls(tx, d.IDs.Next(), procesID, documentID, stage, diagnoses)
	return err
}

func (d *DB) meldAls(tx *gorm.DB, id, procesID, documentID string, stage plooi.Stage, diagnoses []plooi.Diagnose) (string, error) {
	if diagnoses == nil {
		diagnoses = []plooi.Diagnose{}
	}
	text, err := json.Marshal(diagnoses)
	if err != nil {
		return "", fmt.Errorf("write diagnoses: %w", err)
	}
	return id, upsert(tx, verwerkingRow{
		VerwerkingID: id, ProcesID: procesID, DocumentID: documentID, Stage: string(stage), Severity: string(plooi.Ernstigste(diagnoses)),
		Diagnoses: string(text), Op: store.At(d.Now()),
	})
}

// Proces is a process with its steps counted.
type Proces struct {
	ID, TriggerType string
	AangemaaktOp    time.Time
	Verwerkingen    int
	Documenten      int
	Zwaarte         map[plooi.Severity]int
}

// Proces tells how a process stands; Missing when it is another
// organisation's, or none.
func (d *DB) Proces(ctx context.Context, a plooi.Aanroeper, procesID string) (*Proces, error) {
	var p *Proces
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		r, err := eigenProces(tx, a, procesID)
		if err != nil {
			return err
		}
		p = &Proces{ID: r.ProcesID, TriggerType: r.TriggerType, AangemaaktOp: r.AangemaaktOp.Time, Zwaarte: map[plooi.Severity]int{}}
		var counts []struct {
			Severity string
			N        int
		}
		err = tx.Model(&verwerkingRow{}).Select("severity, count(*) AS n").Where("proces_id = ?", procesID).Group("severity").Scan(&counts).Error
		if err != nil {
			return store.Translate(err)
		}
		for _, c := range counts {
			p.Zwaarte[plooi.Severity(c.Severity)] = c.N
			p.Verwerkingen += c.N
			p.Documenten = 1 // a process is of one document
		}
		return nil
	})
	return p, err
}

func eigenProces(tx *gorm.DB, a plooi.Aanroeper, procesID string) (*procesRow, error) {
	r, err := store.First[procesRow](tx, "proces_id = ?", procesID)
	if err != nil {
		return nil, err
	}
	if _, err := eigen(tx, a, r.DocumentID); err != nil {
		return nil, err
	}
	return r, nil
}

func eigen(tx *gorm.DB, a plooi.Aanroeper, documentID string) (*documentRow, error) {
	r, err := store.First[documentRow](tx, "document_id = ?", documentID)
	if err != nil {
		return nil, err
	}
	if !a.Namens(plooi.Code(r.Publisher)) {
		return nil, fault.New(fault.NotFound, fault.Missing, "")
	}
	return r, nil
}

// Verwerking is a step of the processing.
type Verwerking struct {
	ID, ProcesID, DocumentID string
	Stage                    plooi.Stage
	Severity                 plooi.Severity
	Op                       time.Time
	Diagnoses                []plooi.Diagnose
}

// Verwerkingen lists the steps of a process, the first first, and how many
// there are in all. Severity "" is every one.
func (d *DB) Verwerkingen(ctx context.Context, a plooi.Aanroeper, procesID string, severity plooi.Severity, limit, offset int) (list []Verwerking, total int, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		if _, err := eigenProces(tx, a, procesID); err != nil {
			return err
		}
		find := func() *gorm.DB {
			q := tx.Model(&verwerkingRow{}).Where("proces_id = ?", procesID)
			if severity != "" {
				q = q.Where("severity = ?", string(severity))
			}
			return q
		}
		var n int64
		if err := find().Count(&n).Error; err != nil {
			return store.Translate(err)
		}
		var found []verwerkingRow
		if err := find().Order("op, verwerking_id").Limit(limit).Offset(offset).Find(&found).Error; err != nil {
			return store.Translate(err)
		}
		total, list = int(n), make([]Verwerking, len(found))
		for i, r := range found {
			list[i] = Verwerking{
				ID: r.VerwerkingID, ProcesID: r.ProcesID, DocumentID: r.DocumentID, Stage: plooi.Stage(r.Stage), Severity: plooi.Severity(r.Severity), Op: r.Op.Time,
			}
			if err := json.Unmarshal([]byte(r.Diagnoses), &list[i].Diagnoses); err != nil {
				return fmt.Errorf("read diagnoses of %s: %w", r.VerwerkingID, err)
			}
		}
		return nil
	})
	return list, total, err
}

// Status is the last step of a document's processing.
type Status struct {
	DocumentID                 string
	Severity                   plooi.Severity
	Stage                      plooi.Stage
	ProcesID                   string
	AangemaaktOp, BijgewerktOp time.Time
}

// Status tells how a document stands; dcnID may be the uuid alone. Missing when
// it is another organisation's, or none.
func (d *DB) Status(ctx context.Context, a plooi.Aanroeper, dcnID string) (*Status, error) {
	var s *Status
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		r, err := eigen(tx, a, plooi.UitDcnID(dcnID))
		if err != nil {
			return err
		}
		var last verwerkingRow
		res := tx.Where("document_id = ?", r.DocumentID).Order("op DESC, verwerking_id DESC").Limit(1).Find(&last)
		if res.Error != nil {
			return store.Translate(res.Error)
		}
		s = &Status{DocumentID: r.DocumentID, AangemaaktOp: r.AangemaaktOp.Time}
		if res.RowsAffected > 0 {
			s.Severity, s.Stage, s.ProcesID, s.BijgewerktOp = plooi.Severity(last.Severity), plooi.Stage(last.Stage), last.ProcesID, last.Op.Time
			return nil
		}
		var p procesRow
		if err := tx.Where("document_id = ?", r.DocumentID).Order("aangemaakt_op DESC, proces_id").Limit(1).Find(&p).Error; err != nil {
			return store.Translate(err)
		}
		s.Severity, s.Stage, s.ProcesID, s.BijgewerktOp = plooi.OK, plooi.Unknown, p.ProcesID, p.AangemaaktOp.Time
		return nil
	})
	return s, err
}
