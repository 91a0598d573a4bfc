package capodb

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/capo"
	"loket/store/fault"
)

// ProjectView is a project as one organisation sees it.
type ProjectView struct {
	Document  string          // JSON of all but the quickscan (capo.AppendDocument)
	Quickscan *capo.Quickscan // of the caller; nil when it has no product in the project
}

// ProjectFilter narrows the list of projects; "" leaves a part open.
type ProjectFilter struct {
	Processtap capo.Processtap
	Gebied     string
	Type       capo.Projecttype
	Limit      int
	Offset     int
}

// projectViewRow is a row of projectSelect.
type projectViewRow struct {
	document string
	betrokkenRow
}

// projectSelect reads projects with the caller's quickscan; its parameter is
// the caller. Only projects in which the caller is involved and whose area is
// supported are there for it. It is read without gorm: GET /project/{id} is the
// measured hot path.
const projectSelect = `
SELECT p.document, b.netbeheerder, b.hoofdleiding_nodig, b.extra_werkvoorbereiding, b.afgerond_op
FROM capo_betrokken b
JOIN capo_projecten p ON p.project_id = b.project_id AND p.ondersteund
JOIN capo_gebieden g ON g.gebied_id = p.gebied_id
WHERE b.organisatie_id = ?`

// projectByID leaves the areas out: they only serve the list's filter.
const projectByID = `
SELECT p.document, b.netbeheerder, b.hoofdleiding_nodig, b.extra_werkvoorbereiding, b.afgerond_op
FROM capo_betrokken b
JOIN capo_projecten p ON p.project_id = b.project_id AND p.ondersteund
WHERE b.organisatie_id = ? AND b.project_id = ?`

// into is where projectSelect's columns go.
func (r *projectViewRow) into() []any {
	return []any{&r.document, &r.Netbeheerder, &r.HoofdleidingNodig, &r.ExtraWerkvoorbereiding, &r.AfgerondOp}
}

func (r *projectViewRow) view() ProjectView {
	v := ProjectView{Document: r.document}
	if r.Netbeheerder {
		v.Quickscan = quickscanFromDB(&r.betrokkenRow)
	}
	return v
}

// zichtbaar are the projects that an organisation may know of.
func zichtbaar(tx *gorm.DB, organisatieID string) *gorm.DB {
	return tx.Table("capo_projecten AS p").
		Joins("JOIN capo_betrokken AS b ON b.project_id = p.project_id AND b.organisatie_id = ?", organisatieID).
		Joins("JOIN capo_gebieden AS g ON g.gebied_id = p.gebied_id").Where("p.ondersteund")
}

// Project reads one project; Missing when the caller has no part in it.
func (d *DB) Project(ctx context.Context, organisatieID, projectID string) (ProjectView, error) {
	var r projectViewRow
	if err := d.DB.Row(ctx, projectByID, []any{organisatieID, projectID}, r.into()...); err != nil {
		return ProjectView{}, err
	}
	return r.view(), nil
}

// Projecten lists the caller's projects, oldest first, and how many there are
// without limit and offset.
func (d *DB) Projecten(ctx context.Context, organisatieID string, f ProjectFilter) ([]ProjectView, int, error) {
	var views []ProjectView
	var total int64
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		where, args := "", []any{}
		for _, c := range []struct{ column, value string }{
			{"p.processtap", string(f.Processtap)}, {"g.naam", f.Gebied}, {"p.projecttype", string(f.Type)},
		} {
			if c.value != "" {
				where, args = where+" AND "+c.column+" = ?", append(args, c.value)
			}
		}
		if err := zichtbaar(tx, organisatieID).Where("TRUE"+where, args...).Count(&total).Error; err != nil {
			return store.Translate(err)
		}
		all := append([]any{organisatieID}, args...)
		rows, err := tx.Raw(projectSelect+where+` ORDER BY p.aangemaakt_op, p.project_id LIMIT ? + 0 OFFSET ? + 0`, append(all, f.Limit, f.Offset)...).Rows()
		if err != nil {
			return store.Translate(err)
		}
		defer rows.Close()
		for rows.Next() {
			var r projectViewRow
			if err := rows.Scan(r.into()...); err != nil {
				return err
			}
			views = append(views, r.view())
		}
		return store.Translate(rows.Err())
	})
	return views, int(total), err
}

// magKennen is Missing when the organisation has no part in the project: a
// project's existence is its participants' business (contract 3.1, 404).
func magKennen(tx *gorm.DB, organisatieID, projectID string) error {
	var one int
	return store.RowIn(tx, `SELECT 1 FROM capo_betrokken b
JOIN capo_projecten p ON p.project_id = b.project_id AND p.ondersteund
WHERE b.organisatie_id = ? AND b.project_id = ?`, []any{organisatieID, projectID}, &one)
}

// naarPlanning makes anew what follows from project, area and activities (the
// planned date, the document, whether the area is supported), and moves the delivery dates of
// what is not yet delivered by as many days (contract 2.3). The project's row
// is locked and written by the caller.
func (d *DB) naarPlanning(tx *gorm.DB, r *projectRow, p *capo.Project) error {
	g, err := store.First[gebiedRow](tx, "gebied_id = ?", p.GebiedID)
	if err != nil {
		return err
	}
	var list []activiteitRow
	if err := tx.Where("project_id = ?", p.ProjectID).Find(&list).Error; err != nil {
		return store.Translate(err)
	}
	activiteiten := make([]capo.Activiteit, len(list))
	for i := range list {
		if activiteiten[i], err = activiteitFromDB(&list[i]); err != nil {
			return err
		}
	}
	r.Ondersteund = g.Ondersteund
	was := planning(r.GeplandDatum, r.GeplandHerkomst)
	wordt := p.Gepland(g.WekenNaWerkvoorbereiding, activiteiten)
	r.GeplandDatum, r.GeplandHerkomst = planningToDB(wordt)
	if r.Document, err = p.Document(g.Naam, wordt); err != nil {
		return err
	}
	return d.verschuif(tx, p.ProjectID, capo.Verschuiving(was, wordt))
}

func (d *DB) verschuif(tx *gorm.DB, projectID string, dagen int) error {
	if dagen == 0 {
		return nil
	}
	var list []bijlageAssignedRow
	if err := store.Lock(tx).Where("project_id = ?", projectID).Order("bijlage_assigned_id").Find(&list).Error; err != nil {
		return store.Translate(err)
	}
	for i := range list {
		b := bijlageAssignedFromDB(&list[i])
		if b.Gesloten() || b.Opleverdatum == "" {
			continue
		}
		b.Opleverdatum, b.GewijzigdOp = b.Opleverdatum.Plus(dagen), d.Now()
		if err := store.Update(tx, bijlageAssignedToDB(b, list[i].Version)); err != nil {
			return err
		}
	}
	return nil
}

// lockProject reads a project and keeps others from changing it.
func lockProject(tx *gorm.DB, projectID string) (*projectRow, *capo.Project, error) {
	r, err := store.First[projectRow](store.Lock(tx), "project_id = ?", projectID)
	if err != nil {
		return nil, nil, err
	}
	p, err := projectFromDB(r)
	return r, p, err
}

// isMissing tells whether err says that a row is not there.
func isMissing(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && e.Reason == fault.Missing
}
