package capodb

import (
	"context"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/capo"
)

// BijlageAssignedView is a container with what is shown beside it.
type BijlageAssignedView struct {
	capo.BijlageAssigned
	OrganisatieNaam string
	Gebied          string   // name
	Labels          []string // of the project
}

// BijlageAssignedFilter narrows a list of containers; "" and nil leave a part
// open. Without Limit the list is complete (contract 3.4).
type BijlageAssignedFilter struct {
	Status         capo.Status
	RequiresReview *bool
	Processtap     capo.Processtap
	Gebied         string
	Documentsoort  string
	Geannuleerd    bool // cancelled ones too
	Limit          *int
	Offset         int
}

// where is the condition of a filter on containers (a) and, for the area's
// name, areas (g).
func (f BijlageAssignedFilter) where() (text string, args []any) {
	for _, c := range []struct{ column, value string }{
		{"a.status", string(f.Status)}, {"a.processtap", string(f.Processtap)}, {"a.documentsoort", f.Documentsoort}, {"g.naam", f.Gebied},
	} {
		if c.value != "" {
			text, args = text+" AND "+c.column+" = ?", append(args, c.value)
		}
	}
	if f.RequiresReview != nil {
		text, args = text+" AND a.requires_review = ?", append(args, *f.RequiresReview)
	}
	if !f.Geannuleerd {
		text, args = text+" AND a.status <> ?", append(args, string(capo.Cancelled))
	}
	return text, args
}

// viewFrom joins containers with what is shown beside them; viewArea is the
// part that a filter needs. Containers of areas that are not supported are
// left out by a list that is nearly always empty, so that counting a party's
// containers reads one index.
const (
	viewArea = ` FROM capo_bijlageassigned a
JOIN capo_projecten p ON p.project_id = a.project_id
JOIN capo_gebieden g ON g.gebied_id = p.gebied_id`
	viewFrom = viewArea + `
JOIN capo_organisaties o ON o.organisatie_id = a.organisatie_id`
	viewSupported = ` AND a.project_id NOT IN (SELECT project_id FROM capo_projecten
	WHERE gebied_id IN (SELECT gebied_id FROM capo_gebieden WHERE NOT ondersteund))`
	viewOrder  = ` ORDER BY a.aangemaakt_op, a.bijlage_assigned_id`
	viewSelect = `SELECT a.bijlage_assigned_id, a.project_id, a.documentsoort, a.organisatie_id, a.beoordelaar_id, a.status, a.requires_review,
       a.reden, a.processtap, a.opleverdatum, a.aantal_bijlagen, a.aangemaakt_op, a.gewijzigd_op, a.opgeleverd_op,
       o.naam, g.naam, p.labels` + viewFrom
)

// Toegewezen lists the containers assigned to the caller over all its
// projects, oldest first, and how many there are without limit and offset
// (seed: "alle bijlagen op naam van jezelf"). The assigned party has a part in
// the project by that.
func (d *DB) Toegewezen(ctx context.Context, organisatieID string, f BijlageAssignedFilter) (list []BijlageAssignedView, total int, err error) {
	where, args := f.where()
	where, args = ` WHERE a.organisatie_id = ?`+viewSupported+where, append([]any{organisatieID}, args...)
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		if f.Limit == nil && f.Offset == 0 {
			list, err = scanViews(tx, viewSelect+where+viewOrder, args...)
			total = len(list)
			return err
		}
		from := ` FROM capo_bijlageassigned a`
		if f.Gebied != "" {
			from = viewArea
		}
		if err := tx.Raw(`SELECT count(*)`+from+where, args...).Row().Scan(&total); err != nil {
			return store.Translate(err)
		}
		limit := total
		if f.Limit != nil {
			limit = *f.Limit
		}
		list, err = scanViews(tx, viewSelect+where+viewOrder+` LIMIT ? + 0 OFFSET ? + 0`, append(args, limit, f.Offset)...)
		return err
	})
	return list, total, err
}

// VanProject lists the containers of one project, oldest first.
func (d *DB) VanProject(ctx context.Context, organisatieID, projectID string, geannuleerd bool) (list []BijlageAssignedView, err error) {
	where, args := BijlageAssignedFilter{Geannuleerd: geannuleerd}.where()
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		if err := magKennen(tx, organisatieID, projectID); err != nil {
			return err
		}
		list, err = scanViews(tx, viewSelect+` WHERE a.project_id = ?`+where+viewOrder, append([]any{projectID}, args...)...)
		return err
	})
	return list, err
}

// scanViews reads rows of viewSelect without gorm, whose scanning costs several
// times as much for each.
func scanViews(tx *gorm.DB, query string, args ...any) (out []BijlageAssignedView, err error) {
	rows, err := tx.Raw(query, args...).Rows()
	if err != nil {
		return nil, store.Translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var r bijlageAssignedRow
		var v BijlageAssignedView
		var labels string
		err := rows.Scan(&r.BijlageAssignedID, &r.ProjectID, &r.Documentsoort, &r.OrganisatieID, &r.BeoordelaarID, &r.Status, &r.RequiresReview,
			&r.Reden, &r.Processtap, &r.Opleverdatum, &r.AantalBijlagen, &r.AangemaaktOp, &r.GewijzigdOp, &r.OpgeleverdOp,
			&v.OrganisatieNaam, &v.Gebied, &labels)
		if err != nil {
			return nil, store.Translate(err)
		}
		if v.Labels, err = fromJSON[[]string](labels); err != nil {
			return nil, err
		}
		v.BijlageAssigned = *bijlageAssignedFromDB(&r)
		out = append(out, v)
	}
	return out, store.Translate(rows.Err())
}

// ZetStatus takes one step of a container; the faults are those of
// capo.BijlageAssigned.Zet, and Missing.
func (d *DB) ZetStatus(ctx context.Context, organisatieID, projectID, bijlageAssignedID string, naar capo.Status, reden *string) (*BijlageAssignedView, error) {
	var view *BijlageAssignedView
	err := d.DB.InTx(ctx, func(tx *gorm.DB) error {
		r, err := lockContainer(tx, organisatieID, projectID, bijlageAssignedID)
		if err != nil {
			return err
		}
		b := bijlageAssignedFromDB(r)
		o, err := b.Zet(d.Now(), organisatieID, naar, reden)
		if err != nil {
			return err
		}
		if err := saveContainer(tx, b, r.Version, &o); err != nil {
			return err
		}
		list, err := scanViews(tx, viewSelect+` WHERE a.bijlage_assigned_id = ?`, bijlageAssignedID)
		if err != nil {
			return err
		}
		view = &list[0]
		return nil
	})
	return view, err
}

// Overgangen is the container's history, oldest first: the proof of a review.
func (d *DB) Overgangen(ctx context.Context, bijlageAssignedID string) ([]capo.Overgang, error) {
	var list []overgangRow
	if err := d.DB.Reader(ctx).Where("bijlage_assigned_id = ?", bijlageAssignedID).Order("id").Find(&list).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := make([]capo.Overgang, len(list))
	for i := range list {
		out[i] = overgangFromDB(&list[i])
	}
	return out, nil
}

// lockContainer reads a container of a project that the organisation may know
// of and keeps others from changing it.
func lockContainer(tx *gorm.DB, organisatieID, projectID, bijlageAssignedID string) (*bijlageAssignedRow, error) {
	if err := magKennen(tx, organisatieID, projectID); err != nil {
		return nil, err
	}
	return store.First[bijlageAssignedRow](store.Lock(tx), "bijlage_assigned_id = ? AND project_id = ?", bijlageAssignedID, projectID)
}

// saveContainer writes the container and, when it took a step, its log line.
func saveContainer(tx *gorm.DB, b *capo.BijlageAssigned, version int64, o *capo.Overgang) error {
	if err := store.Update(tx, bijlageAssignedToDB(b, version)); err != nil {
		return err
	}
	if o == nil {
		return nil
	}
	return store.Translate(tx.Create(overgangToDB(b.BijlageAssignedID, *o)).Error)
}
