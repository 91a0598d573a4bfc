package capodb

import (
	"errors"

	"loket/store"
	"loket/store/capo"
)

func bijlageAssignedFromDB(r *bijlageAssignedRow) *capo.BijlageAssigned {
	return &capo.BijlageAssigned{
		BijlageAssignedID: r.BijlageAssignedID, ProjectID: r.ProjectID, Documentsoort: r.Documentsoort,
		OrganisatieID: r.OrganisatieID, BeoordelaarID: r.BeoordelaarID, Status: capo.Status(r.Status),
		RequiresReview: r.RequiresReview, Reden: r.Reden, Processtap: capo.Processtap(r.Processtap),
		Opleverdatum: capo.Datum(r.Opleverdatum), AantalBijlagen: r.AantalBijlagen,
		AangemaaktOp: r.AangemaaktOp.Time, GewijzigdOp: r.GewijzigdOp.Time, OpgeleverdOp: r.OpgeleverdOp.Ptr(),
	}
}

func bijlageAssignedToDB(b *capo.BijlageAssigned, version int64) *bijlageAssignedRow {
	return &bijlageAssignedRow{
		BijlageAssignedID: b.BijlageAssignedID, ProjectID: b.ProjectID, Documentsoort: b.Documentsoort,
		OrganisatieID: b.OrganisatieID, BeoordelaarID: b.BeoordelaarID, Status: string(b.Status),
		RequiresReview: b.RequiresReview, Reden: b.Reden, Processtap: string(b.Processtap),
		Opleverdatum: string(b.Opleverdatum), AantalBijlagen: b.AantalBijlagen,
		AangemaaktOp: store.At(b.AangemaaktOp), GewijzigdOp: store.At(b.GewijzigdOp), OpgeleverdOp: store.NullAt(b.OpgeleverdOp),
		Version: version,
	}
}

func overgangToDB(id string, o capo.Overgang) *overgangRow {
	return &overgangRow{
		BijlageAssignedID: id, Tijd: store.At(o.Tijd), OrganisatieID: o.OrganisatieID,
		Van: string(o.Van), Naar: string(o.Naar), Reden: o.Reden,
	}
}

func overgangFromDB(r *overgangRow) capo.Overgang {
	return capo.Overgang{Tijd: r.Tijd.Time, OrganisatieID: r.OrganisatieID, Van: capo.Status(r.Van), Naar: capo.Status(r.Naar), Reden: r.Reden}
}

func bijlageFromDB(r *bijlageRow) *capo.Bijlage {
	return &capo.Bijlage{
		BijlageID: r.BijlageID, ParentID: r.ParentID, ProjectID: r.ProjectID, Bestandsnaam: r.Bestandsnaam,
		ContentType: r.ContentType, ContentVast: r.ContentVast, VerwachteMaat: r.VerwachteMaat, Omschrijving: r.Omschrijving,
		Status: capo.BestandStatus(r.Status), OrganisatieID: r.OrganisatieID, BlobKey: r.BlobKey, Grootte: r.Grootte,
		SHA256: r.SHA256, URLGeldigTot: r.URLGeldigTot.Time, AangemaaktOp: r.AangemaaktOp.Time, GeuploadOp: r.GeuploadOp.Ptr(),
	}
}

func bijlageToDB(f *capo.Bijlage, version int64) *bijlageRow {
	return &bijlageRow{
		BijlageID: f.BijlageID, ParentID: f.ParentID, ProjectID: f.ProjectID, Bestandsnaam: f.Bestandsnaam,
		ContentType: f.ContentType, ContentVast: f.ContentVast, VerwachteMaat: f.VerwachteMaat, Omschrijving: f.Omschrijving,
		Status: string(f.Status), OrganisatieID: f.OrganisatieID, BlobKey: f.BlobKey, Grootte: f.Grootte,
		SHA256: f.SHA256, URLGeldigTot: store.At(f.URLGeldigTot), AangemaaktOp: store.At(f.AangemaaktOp), GeuploadOp: store.NullAt(f.GeuploadOp),
		Version: version,
	}
}

func projectFromDB(r *projectRow) (*capo.Project, error) {
	referenties, err1 := fromJSON[[]string](r.Referenties)
	adres, err2 := fromJSON[capo.Adres](r.Adres)
	labels, err3 := fromJSON[[]string](r.Labels)
	producten, err4 := fromJSON[[]capo.Product](r.Producten)
	return &capo.Project{
		ProjectID: r.ProjectID, Projecttype: capo.Projecttype(r.Projecttype), Projectnaam: r.Projectnaam,
		Referenties: referenties, TypeAanvraag: r.TypeAanvraag, TypeWerk: r.TypeWerk, GebiedID: r.GebiedID,
		Adres: adres, Labels: labels, DatumAangevraagd: capo.Datum(r.DatumAangevraagd), Wensweek: capo.Week(r.Wensweek),
		VastePlanning: planning(r.VasteDatum, r.VasteHerkomst), OpleverweekWerkmap: capo.Week(r.OpleverweekWerkmap),
		Processtap: capo.Processtap(r.Processtap), Actief: r.Actief, UitvoerendeAannemerID: r.UitvoerendeAannemerID,
		Producten: producten,
	}, errors.Join(err1, err2, err3, err4)
}

// projectToDB leaves what the store adds: the planned date that the rule makes,
// the moment of creation and the version.
func projectToDB(p *capo.Project) *projectRow {
	r := &projectRow{
		ProjectID: p.ProjectID, Projecttype: string(p.Projecttype), Projectnaam: p.Projectnaam,
		Referenties: toJSON(p.Referenties), TypeAanvraag: p.TypeAanvraag, TypeWerk: p.TypeWerk, GebiedID: p.GebiedID,
		Adres: toJSON(p.Adres), Labels: toJSON(p.Labels), DatumAangevraagd: string(p.DatumAangevraagd), Wensweek: string(p.Wensweek),
		OpleverweekWerkmap: string(p.OpleverweekWerkmap), Processtap: string(p.Processtap), Actief: p.Actief,
		UitvoerendeAannemerID: p.UitvoerendeAannemerID, Producten: toJSON(p.Producten),
	}
	r.VasteDatum, r.VasteHerkomst = planningToDB(p.VastePlanning)
	return r
}

func planning(datum, herkomst string) *capo.Planning {
	if datum == "" {
		return nil
	}
	return &capo.Planning{Datum: capo.Datum(datum), Herkomst: capo.Herkomst(herkomst)}
}

func planningToDB(p *capo.Planning) (datum, herkomst string) {
	if p == nil {
		return "", ""
	}
	return string(p.Datum), string(p.Herkomst)
}

func gebiedFromDB(r *gebiedRow) (*capo.Gebied, error) {
	bijlagen, err := fromJSON[[]capo.GebiedBijlage](r.Bijlagen)
	return &capo.Gebied{
		GebiedID: r.GebiedID, Naam: r.Naam, Combi: r.Combi, CombiOrganisatieID: r.CombiOrganisatieID,
		WekenNaWerkvoorbereiding: r.WekenNaWerkvoorbereiding, Ondersteund: r.Ondersteund, Bijlagen: bijlagen,
	}, err
}

func gebiedToDB(g *capo.Gebied) *gebiedRow {
	return &gebiedRow{
		GebiedID: g.GebiedID, Naam: g.Naam, Combi: g.Combi, CombiOrganisatieID: g.CombiOrganisatieID,
		WekenNaWerkvoorbereiding: g.WekenNaWerkvoorbereiding, Ondersteund: g.Ondersteund, Bijlagen: toJSON(g.Bijlagen),
	}
}

func quickscanFromDB(r *betrokkenRow) *capo.Quickscan {
	return &capo.Quickscan{HoofdleidingNodig: r.HoofdleidingNodig, ExtraWerkvoorbereiding: r.ExtraWerkvoorbereiding, AfgerondOp: r.AfgerondOp.Ptr()}
}

func hoofdleidingFromDB(r *hoofdleidingRow) (capo.HoofdleidingAanleggen, error) {
	d, err := disciplines(r.Disciplines)
	return capo.HoofdleidingAanleggen{
		HoofdleidingID: r.HoofdleidingID, ProjectID: r.ProjectID, OrganisatieID: r.OrganisatieID,
		Disciplines: d, Toelichting: r.Toelichting, AangemaaktOp: r.AangemaaktOp.Time,
	}, err
}

func hoofdleidingToDB(h *capo.HoofdleidingAanleggen) *hoofdleidingRow {
	return &hoofdleidingRow{
		HoofdleidingID: h.HoofdleidingID, ProjectID: h.ProjectID, OrganisatieID: h.OrganisatieID,
		Disciplines: toJSON(h.Disciplines), Toelichting: h.Toelichting, AangemaaktOp: store.At(h.AangemaaktOp),
	}
}

func activiteitFromDB(r *activiteitRow) (capo.Activiteit, error) {
	return capo.Activiteit{
		ActiviteitID: r.ActiviteitID, ProjectID: r.ProjectID, OrganisatieID: r.OrganisatieID, Type: r.Type,
		Status: capo.ActiviteitStatus(r.Status), Opleverdatum: capo.Datum(r.Opleverdatum), Discipline: capo.Discipline(r.Discipline),
		Omschrijving: r.Omschrijving, AangemaaktOp: r.AangemaaktOp.Time,
	}, nil
}

func activiteitToDB(a *capo.Activiteit) *activiteitRow {
	return &activiteitRow{
		ActiviteitID: a.ActiviteitID, ProjectID: a.ProjectID, OrganisatieID: a.OrganisatieID, Type: a.Type,
		Status: string(a.Status), Opleverdatum: string(a.Opleverdatum), Discipline: string(a.Discipline),
		Omschrijving: a.Omschrijving, AangemaaktOp: store.At(a.AangemaaktOp),
	}
}

func micFromDB(r *micRow) (capo.Mic, error) {
	d, err := disciplines(r.Disciplines)
	return capo.Mic{
		MicID: r.MicID, ProjectID: r.ProjectID, OrganisatieID: r.OrganisatieID, MeeInCombi: r.MeeInCombi,
		Disciplines: d, Reden: r.Reden, AangemaaktOp: r.AangemaaktOp.Time,
	}, err
}

func micToDB(m *capo.Mic) *micRow {
	return &micRow{
		MicID: m.MicID, ProjectID: m.ProjectID, OrganisatieID: m.OrganisatieID, MeeInCombi: m.MeeInCombi,
		Disciplines: toJSON(m.Disciplines), Reden: m.Reden, AangemaaktOp: store.At(m.AangemaaktOp),
	}
}
