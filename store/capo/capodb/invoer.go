package capodb

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"loket/store"
	"loket/store/accounts"
	"loket/store/capo"
	"loket/store/fault"
)

// Neem takes an import in: all of it in one transaction, or nothing. Objects
// are known by their id, so the same file can be read again; a project's data
// are replaced, containers that exist stay as they are but for being
// cancelled. progress is told how many of the file's projects are in.
// Faults: BadBody for each id that neither the file nor the store knows.
func (d *DB) Neem(ctx context.Context, in *capo.Invoer, progress func(done, total int)) error {
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		for i := range in.Organisaties {
			if err := d.neemOrganisatie(tx, &in.Organisaties[i]); err != nil {
				return err
			}
		}
		n, err := newNeming(d, tx)
		if err != nil {
			return err
		}
		for i := range in.Gebieden {
			if err := n.gebied(&in.Gebieden[i], fmt.Sprintf("/gebieden/%d", i)); err != nil {
				return err
			}
		}
		for i := range in.Projecten {
			if err := n.project(&in.Projecten[i], fmt.Sprintf("/projecten/%d", i)); err != nil {
				return err
			}
			progress(i+1, len(in.Projecten))
		}
		if n.fouten != nil {
			return fault.New(fault.Invalid, fault.BadBody, "").With(n.fouten...)
		}
		return nil
	})
}

func (d *DB) neemOrganisatie(tx *gorm.DB, o *capo.InvoerOrganisatie) error {
	if _, err := d.Accounts.EnsureOrganisation(tx, accounts.Organisation{ID: o.OrganisatieID, Name: o.Naam}); err != nil {
		return err
	}
	row := &organisatieRow{OrganisatieID: o.OrganisatieID, Naam: o.Naam, Soort: string(o.Soort), Disciplines: toJSON(o.Disciplines)}
	return store.Translate(tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(row).Error)
}

// neming is one import on its way: what is known so far, and what is wrong.
type neming struct {
	*DB
	tx           *gorm.DB
	now          time.Time
	organisaties map[string]bool
	gebieden     map[string]*capo.Gebied
	fouten       []fault.Field
}

func newNeming(d *DB, tx *gorm.DB) (*neming, error) {
	n := &neming{DB: d, tx: tx, now: d.Now(), organisaties: map[string]bool{}, gebieden: map[string]*capo.Gebied{}}
	var ids []string
	if err := tx.Model(&organisatieRow{}).Pluck("organisatie_id", &ids).Error; err != nil {
		return nil, store.Translate(err)
	}
	for _, id := range ids {
		n.organisaties[id] = true
	}
	var list []gebiedRow
	if err := tx.Find(&list).Error; err != nil {
		return nil, store.Translate(err)
	}
	for i := range list {
		g, err := gebiedFromDB(&list[i])
		if err != nil {
			return nil, err
		}
		n.gebieden[g.GebiedID] = g
	}
	return n, nil
}

func (n *neming) fout(at, format string, args ...any) {
	n.fouten = append(n.fouten, fault.Field{In: fault.InBody, Pointer: at, Rule: "invoer", Detail: fmt.Sprintf(format, args...)})
}

func (n *neming) kent(at, organisatieID string) {
	if organisatieID != "" && !n.organisaties[organisatieID] {
		n.fout(at, "organisation %s is neither in this file nor in the store", organisatieID)
	}
}

func (n *neming) gebied(in *capo.InvoerGebied, at string) error {
	g := in.Gebied()
	n.kent(at+"/combiOrganisatieId", g.CombiOrganisatieID)
	for i, b := range g.Bijlagen {
		n.kent(fmt.Sprintf("%s/bijlagen/%d/organisatieId", at, i), b.OrganisatieID)
		n.kent(fmt.Sprintf("%s/bijlagen/%d/beoordelaarOrganisatieId", at, i), b.BeoordelaarID)
	}
	was := n.gebieden[g.GebiedID]
	n.gebieden[g.GebiedID] = g
	if err := n.tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(gebiedToDB(g)).Error; err != nil {
		return store.Translate(err)
	}
	if was == nil || was.Naam == g.Naam && was.WekenNaWerkvoorbereiding == g.WekenNaWerkvoorbereiding && was.Ondersteund == g.Ondersteund {
		return nil
	}
	return n.herzie(g)
}

// herzie makes anew what the projects of an area have of it: its name, the date
// that its weeks lead to, and whether it is supported.
func (n *neming) herzie(g *capo.Gebied) error {
	var ids []string
	if err := n.tx.Model(&projectRow{}).Where("gebied_id = ?", g.GebiedID).Order("project_id").Pluck("project_id", &ids).Error; err != nil {
		return store.Translate(err)
	}
	for _, id := range ids {
		r, p, err := lockProject(n.tx, id)
		if err != nil {
			return err
		}
		if err := n.naarPlanning(n.tx, r, p); err != nil {
			return err
		}
		if err := store.Update(n.tx, r); err != nil {
			return err
		}
	}
	return nil
}

func (n *neming) project(in *capo.InvoerProject, at string) error {
	p := in.Project()
	g := n.gebieden[p.GebiedID]
	if g == nil {
		n.fout(at+"/gebiedId", "area %s is neither in this file nor in the store", p.GebiedID)
		return nil
	}
	n.kent(at+"/uitvoerendeAannemerId", p.UitvoerendeAannemerID)
	for i, x := range p.Producten {
		n.kent(fmt.Sprintf("%s/producten/%d/netbeheerderId", at, i), x.NetbeheerderID)
	}
	gepland, err := n.bewaarProject(p)
	if err != nil {
		return err
	}
	for i := range in.BijlageAssigned {
		if err := n.container(p, g, gepland, &in.BijlageAssigned[i], fmt.Sprintf("%s/bijlageassigned/%d", at, i)); err != nil {
			return err
		}
	}
	if in.BijlageAssigned == nil {
		if err := n.volgensGebied(p, g, gepland); err != nil {
			return err
		}
	}
	return n.betrokken(p, g)
}

// bewaarProject makes or replaces a project; its planned date, which it
// returns, follows, and with it the delivery dates of containers that were
// there before.
func (n *neming) bewaarProject(p *capo.Project) (*capo.Planning, error) {
	row := projectToDB(p)
	old, _, err := lockProject(n.tx, p.ProjectID)
	isNew := isMissing(err)
	if err != nil && !isNew {
		return nil, err
	}
	if isNew {
		row.AangemaaktOp, row.Version = store.At(n.now), 1
	} else {
		row.AangemaaktOp, row.Version = old.AangemaaktOp, old.Version
		row.GeplandDatum, row.GeplandHerkomst = old.GeplandDatum, old.GeplandHerkomst
	}
	if err := n.naarPlanning(n.tx, row, p); err != nil {
		return nil, err
	}
	if isNew {
		err = store.Translate(n.tx.Create(row).Error)
	} else {
		err = store.Update(n.tx, row)
	}
	return planning(row.GeplandDatum, row.GeplandHerkomst), err
}

// container makes a container that is new and cancels one that is to be.
func (n *neming) container(p *capo.Project, g *capo.Gebied, gepland *capo.Planning, in *capo.InvoerBijlage, at string) error {
	r, err := store.First[bijlageAssignedRow](store.Lock(n.tx), "bijlage_assigned_id = ?", in.BijlageAssignedID)
	switch {
	case isMissing(err):
		return n.nieuw(p, g, gepland, in, at)
	case err != nil:
		return err
	case r.ProjectID != p.ProjectID:
		n.fout(at+"/bijlageAssignedId", "belongs to project %s", r.ProjectID)
		return nil
	}
	b := bijlageAssignedFromDB(r)
	if !in.Geannuleerd || b.Gesloten() {
		return nil
	}
	o := b.Annuleer(n.now)
	return saveContainer(n.tx, b, r.Version, &o)
}

func (n *neming) nieuw(p *capo.Project, g *capo.Gebied, gepland *capo.Planning, in *capo.InvoerBijlage, at string) error {
	b := g.Container(n.now, p, in)
	if b.OrganisatieID == "" {
		n.fout(at+"/organisatieId", "is required: the area has no preset for documentsoort %q that names one", in.Documentsoort)
		return nil
	}
	n.kent(at+"/organisatieId", b.OrganisatieID)
	n.kent(at+"/beoordelaarOrganisatieId", b.BeoordelaarID)
	if b.RequiresReview && b.BeoordelaarID == "" {
		n.fout(at+"/beoordelaarOrganisatieId", "is required: the area has no combi organisation to review")
		return nil
	}
	if b.Opleverdatum == "" {
		b.Opleverdatum = g.Vervalt(b.Documentsoort, gepland)
	}
	return store.Translate(n.tx.Create(bijlageAssignedToDB(b, 1)).Error)
}

// volgensGebied makes a container for each preset of the area that names an
// organisation, for a project that has none yet.
func (n *neming) volgensGebied(p *capo.Project, g *capo.Gebied, gepland *capo.Planning) error {
	var has int64
	if err := n.tx.Model(&bijlageAssignedRow{}).Where("project_id = ?", p.ProjectID).Count(&has).Error; err != nil || has > 0 {
		return store.Translate(err)
	}
	for _, preset := range g.Bijlagen {
		if preset.OrganisatieID == "" {
			continue
		}
		in := &capo.InvoerBijlage{BijlageAssignedID: n.IDs.Next(), Documentsoort: preset.Documentsoort}
		if err := n.nieuw(p, g, gepland, in, ""); err != nil {
			return err
		}
	}
	return nil
}

// betrokken writes anew who has a part in the project (contract 4).
func (n *neming) betrokken(p *capo.Project, g *capo.Gebied) error {
	var list []bijlageAssignedRow
	if err := n.tx.Where("project_id = ?", p.ProjectID).Find(&list).Error; err != nil {
		return store.Translate(err)
	}
	containers := make([]capo.BijlageAssigned, len(list))
	for i := range list {
		containers[i] = *bijlageAssignedFromDB(&list[i])
	}
	if err := n.tx.Where("project_id = ?", p.ProjectID).Delete(&betrokkenRow{}).Error; err != nil {
		return store.Translate(err)
	}
	var rows []betrokkenRow
	for _, id := range p.Betrokkenen(g, containers) {
		rows = append(rows, betrokkenRow{OrganisatieID: id, ProjectID: p.ProjectID, Netbeheerder: len(p.DisciplinesVan(id)) > 0})
	}
	if rows == nil {
		return nil
	}
	if err := n.tx.Create(&rows).Error; err != nil {
		return store.Translate(err)
	}
	return store.Translate(n.tx.Exec(quickscanFromActs, capo.ExtraWerkvoorbereiding, p.ProjectID).Error)
}

// quickscanFromActs says how far the quickscans in a project are, from what the
// netbeheerders did: the acts stay when a party leaves a project and comes back.
const quickscanFromActs = `
UPDATE capo_betrokken SET
  hoofdleiding_nodig = EXISTS (SELECT 1 FROM capo_hoofdleidingen h WHERE h.project_id = capo_betrokken.project_id AND h.organisatie_id = capo_betrokken.organisatie_id),
  extra_werkvoorbereiding = EXISTS (SELECT 1 FROM capo_activiteiten a WHERE a.project_id = capo_betrokken.project_id AND a.organisatie_id = capo_betrokken.organisatie_id AND a.type = ?),
  afgerond_op = (SELECT MIN(m.aangemaakt_op) FROM capo_mics m WHERE m.project_id = capo_betrokken.project_id AND m.organisatie_id = capo_betrokken.organisatie_id)
WHERE project_id = ?`
