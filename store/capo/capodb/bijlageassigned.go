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

type bijlageAssignedViewRow struct {
	Row             bijlageAssignedRow `gorm:"embedded"`
	OrganisatieNaam string
	Gebied          string
	Labels          string
}

func (f BijlageAssignedFilter) apply(tx *gorm.DB) *gorm.DB {
	for _, c := range []struct{ column, value string }{
		{"a.status", string(f.Status)}, {"a.processtap", string(f.Processtap)}, {"g.naam", f.Gebied}, {"a.documentsoort", f.Documentsoort},
	} {
		if c.value != "" {
			tx = tx.Where(c.column+" = ?", c.value)
		}
	}
	if f.RequiresReview != nil {
		tx = tx.Where("a.requires_review = ?", *f.RequiresReview)
	}
	if !f.Geannuleerd {
		tx = tx.Where("a.status <> ?", string(capo.Cancelled))
	}
	return tx
}

// views are containers of projects that the organisation may know of.
func views(tx *gorm.DB, organisatieID string) *gorm.DB {
	return zichtbaar(tx, organisatieID).
		Joins("JOIN capo_bijlageassigned AS a ON a.project_id = p.project_id").
		Joins("JOIN capo_organisaties AS o ON o.organisatie_id = a.organisatie_id")
}

const viewColumns = "a.*, o.naam AS organisatie_naam, g.naam AS gebied, p.labels AS labels"

// Toegewezen lists the containers assigned to the caller over all its
// projects, oldest first, and how many there are without limit and offset
// (seed: "alle bijlagen op naam van jezelf").
func (d *DB) Toegewezen(ctx context.Context, organisatieID string, f BijlageAssignedFilter) (list []BijlageAssignedView, total int, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		q := func() *gorm.DB { return f.apply(views(tx, organisatieID).Where("a.organisatie_id = ?", organisatieID)) }
		var n int64
		if err := q().Count(&n).Error; err != nil {
			return store.Translate(err)
		}
		total = int(n)
		page := q()
		if f.Limit != nil {
			page = page.Limit(*f.Limit)
		} else if f.Offset > 0 {
			page = page.Limit(total) // SQLite takes no OFFSET without LIMIT
		}
		list, err = scanViews(page.Offset(f.Offset))
		return err
	})
	return list, total, err
}

// VanProject lists the containers of one project, oldest first.
func (d *DB) VanProject(ctx context.Context, organisatieID, projectID string, geannuleerd bool) (list []BijlageAssignedView, err error) {
	err = d.DB.Read(ctx, func(tx *gorm.DB) error {
		if err := magKennen(tx, organisatieID, projectID); err != nil {
			return err
		}
		f := BijlageAssignedFilter{Geannuleerd: geannuleerd}
		list, err = scanViews(f.apply(views(tx, organisatieID).Where("a.project_id = ?", projectID)))
		return err
	})
	return list, err
}

func scanViews(q *gorm.DB) ([]BijlageAssignedView, error) {
	var list []bijlageAssignedViewRow
	if err := q.Select(viewColumns).Order("a.aangemaakt_op, a.bijlage_assigned_id").Scan(&list).Error; err != nil {
		return nil, store.Translate(err)
	}
	out := make([]BijlageAssignedView, len(list))
	for i := range list {
		labels, err := fromJSON[[]string](list[i].Labels)
		if err != nil {
			return nil, err
		}
		out[i] = BijlageAssignedView{
			BijlageAssigned: *bijlageAssignedFromDB(&list[i].Row), Labels: labels,
			OrganisatieNaam: list[i].OrganisatieNaam, Gebied: list[i].Gebied,
		}
	}
	return out, nil
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
		list, err := scanViews(views(tx, organisatieID).Where("a.bijlage_assigned_id = ?", bijlageAssignedID))
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
