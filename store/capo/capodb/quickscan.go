package capodb

import (
	"context"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/capo"
)

// MeldHoofdleiding says that a main is needed. Faults: Missing, those of
// capo.Quickscan.Mag, and BadBody for a discipline that is not the caller's.
func (d *DB) MeldHoofdleiding(ctx context.Context, organisatieID, projectID string, gevraagd []capo.Discipline, toelichting string) (*capo.HoofdleidingAanleggen, error) {
	h := &capo.HoofdleidingAanleggen{HoofdleidingID: d.IDs.Next(), ProjectID: projectID, OrganisatieID: organisatieID, Toelichting: toelichting, AangemaaktOp: d.Now()}
	err := d.quickscan(ctx, organisatieID, projectID, capo.MeldHoofdleiding, func(tx *gorm.DB, _ *projectRow, p *capo.Project) (err error) {
		if h.Disciplines, err = capo.Kies(gevraagd, p.DisciplinesVan(organisatieID)); err != nil {
			return err
		}
		return tx.Create(hoofdleidingToDB(h)).Error
	})
	return h, err
}

// NieuweActiviteit is what a client gives to make an activity.
type NieuweActiviteit struct {
	Type         string
	Opleverdatum capo.Datum
	Discipline   capo.Discipline
	Omschrijving string
}

// MeldActiviteit makes an activity; its delivery moves the project's planned
// date (contract 2.4). Faults as MeldHoofdleiding's, and BadBody for a date in
// the past.
func (d *DB) MeldActiviteit(ctx context.Context, organisatieID, projectID string, n NieuweActiviteit) (*capo.Activiteit, error) {
	a := &capo.Activiteit{
		ActiviteitID: d.IDs.Next(), ProjectID: projectID, OrganisatieID: organisatieID, Type: n.Type, Status: capo.ActiviteitOpen,
		Opleverdatum: n.Opleverdatum, Discipline: n.Discipline, Omschrijving: n.Omschrijving, AangemaaktOp: d.Now(),
	}
	err := d.quickscan(ctx, organisatieID, projectID, capo.MeldActiviteit, func(tx *gorm.DB, r *projectRow, p *capo.Project) error {
		if err := a.Controleer(a.AangemaaktOp, p.DisciplinesVan(organisatieID)); err != nil {
			return err
		}
		if err := tx.Create(activiteitToDB(a)).Error; err != nil {
			return err
		}
		if err := d.naarPlanning(tx, r, p); err != nil {
			return err
		}
		return store.Update(tx, r)
	})
	return a, err
}

// MeldMic says whether the caller joins the combi; the first one ends its
// quickscan. Faults as MeldHoofdleiding's.
func (d *DB) MeldMic(ctx context.Context, organisatieID, projectID string, mee bool, gevraagd []capo.Discipline, reden string) (*capo.Mic, error) {
	m := &capo.Mic{MicID: d.IDs.Next(), ProjectID: projectID, OrganisatieID: organisatieID, MeeInCombi: mee, Reden: reden, AangemaaktOp: d.Now()}
	err := d.quickscan(ctx, organisatieID, projectID, capo.MeldMic, func(tx *gorm.DB, _ *projectRow, p *capo.Project) (err error) {
		if m.Disciplines, err = capo.Kies(gevraagd, p.DisciplinesVan(organisatieID)); err != nil {
			return err
		}
		return tx.Create(micToDB(m)).Error
	})
	return m, err
}

// quickscan runs one act: the project is locked, the rule asked, the act done
// and recorded.
func (d *DB) quickscan(ctx context.Context, organisatieID, projectID string, h capo.Handeling, do func(tx *gorm.DB, r *projectRow, p *capo.Project) error) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := magKennen(tx, organisatieID, projectID); err != nil {
			return err
		}
		r, p, err := lockProject(tx, projectID)
		if err != nil {
			return err
		}
		b, err := store.First[betrokkenRow](tx, "organisatie_id = ? AND project_id = ?", organisatieID, projectID)
		if err != nil {
			return err
		}
		q := quickscanFromDB(b)
		if err := q.Mag(h, p, organisatieID); err != nil {
			return err
		}
		if err := do(tx, r, p); err != nil {
			return store.Translate(err)
		}
		q.Gedaan(d.Now(), h)
		return store.Translate(tx.Model(b).Select("hoofdleiding_nodig", "extra_werkvoorbereiding", "afgerond_op").Updates(&betrokkenRow{
			HoofdleidingNodig: q.HoofdleidingNodig, ExtraWerkvoorbereiding: q.ExtraWerkvoorbereiding, AfgerondOp: store.NullAt(q.AfgerondOp),
		}).Error)
	})
}

// Hoofdleidingen lists what MeldHoofdleiding made in a project, oldest first.
func (d *DB) Hoofdleidingen(ctx context.Context, organisatieID, projectID string) ([]capo.HoofdleidingAanleggen, error) {
	return meldingen(ctx, d, organisatieID, projectID, "aangemaakt_op, hoofdleiding_id", hoofdleidingFromDB)
}

// Activiteiten lists what MeldActiviteit made in a project, oldest first.
func (d *DB) Activiteiten(ctx context.Context, organisatieID, projectID string) ([]capo.Activiteit, error) {
	return meldingen(ctx, d, organisatieID, projectID, "aangemaakt_op, activiteit_id", activiteitFromDB)
}

// Mics lists what MeldMic made in a project, oldest first.
func (d *DB) Mics(ctx context.Context, organisatieID, projectID string) ([]capo.Mic, error) {
	return meldingen(ctx, d, organisatieID, projectID, "aangemaakt_op, mic_id", micFromDB)
}

// meldingen lists one kind of act for an organisation that has a part in the
// project: what the netbeheerders announce is there for its participants.
func meldingen[R, T any](ctx context.Context, d *DB, organisatieID, projectID, order string, fromDB func(*R) (T, error)) (list []T, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		if err := magKennen(tx, organisatieID, projectID); err != nil {
			return err
		}
		var rows []R
		if err := tx.Where("project_id = ?", projectID).Order(order).Find(&rows).Error; err != nil {
			return store.Translate(err)
		}
		list = make([]T, len(rows))
		for i := range rows {
			if list[i], err = fromDB(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}
