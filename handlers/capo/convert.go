package capo

import (
	"context"
	"time"

	"github.com/oapi-codegen/nullable"

	api "loket/gen/capo"
	"loket/handlers/page"
	"loket/store/capo"
	"loket/store/capo/capodb"
	"loket/store/objectid"
)

// instant is CAPO's form of a moment.
func instant(t time.Time) string { return capo.Instant(t) }

// orNull is null for the zero value.
func orNull[T comparable](v T) nullable.Nullable[T] {
	var zero T
	if v == zero {
		return nullable.NewNullNullable[T]()
	}
	return nullable.NewNullableWithValue(v)
}

func instantOrNull(t *time.Time) nullable.Nullable[string] {
	if t == nil {
		return nullable.NewNullNullable[string]()
	}
	return nullable.NewNullableWithValue(instant(*t))
}

// orZero is the value of an optional member; its zero value when absent.
func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// list converts each element; an empty list is [], never null.
func list[F, T any](from []F, to func(F) T) []T {
	out := make([]T, len(from))
	for i := range from {
		out[i] = to(from[i])
	}
	return out
}

func same(s string) string { return s }

// id is an id of the path in the stored form: upper case is taken too.
func id(s string) string { return objectid.Normalize(s) }

func disciplinesToAPI(l []capo.Discipline) api.Disciplines {
	return list(l, func(d capo.Discipline) api.Discipline { return api.Discipline(d) })
}

func disciplinesFromAPI(l *api.Disciplines) []capo.Discipline {
	return list(orZero(l), func(d api.Discipline) capo.Discipline { return capo.Discipline(d) })
}

func bijlageAssignedToAPI(now time.Time) func(capodb.BijlageAssignedView) api.BijlageAssigned {
	return func(v capodb.BijlageAssignedView) api.BijlageAssigned {
		return api.BijlageAssigned{
			BijlageAssignedID: v.BijlageAssignedID, ProjectID: v.ProjectID, Documentsoort: v.Documentsoort,
			OrganisatieID: v.OrganisatieID, OrganisatieNaam: v.OrganisatieNaam, Status: api.BijlageAssignedStatus(v.Status),
			RequiresReview: v.RequiresReview, Reden: orNull(v.Reden), Processtap: api.BijlageProcesstap(v.Processtap),
			Opleverdatum: orNull(string(v.Opleverdatum)), Verlopen: v.Verlopen(now), Gebied: v.Gebied, Labels: list(v.Labels, same),
			AantalBijlagen: v.AantalBijlagen, AangemaaktOp: instant(v.AangemaaktOp), GewijzigdOp: instant(v.GewijzigdOp),
			OpgeleverdOp: instantOrNull(v.OpgeleverdOp),
		}
	}
}

func bijlageToAPI(ctx context.Context) func(capo.Bijlage) api.Bijlage {
	base := page.Origin(ctx) + basePath
	return func(f capo.Bijlage) api.Bijlage {
		b := api.Bijlage{
			BijlageID: f.BijlageID, ParentID: f.ParentID, ProjectID: f.ProjectID, Bestandsnaam: f.Bestandsnaam,
			ContentType: f.ContentType, Status: api.BijlageStatus(f.Status), OrganisatieID: f.OrganisatieID,
			AangemaaktOp: instant(f.AangemaaktOp), GeuploadOp: instantOrNull(f.GeuploadOp),
			Grootte: nullable.NewNullNullable[int64](), DownloadURL: nullable.NewNullNullable[string](),
		}
		if f.Status == capo.BestandUploaded {
			b.Grootte = nullable.NewNullableWithValue(f.Grootte)
			b.DownloadURL = nullable.NewNullableWithValue(base + "/project/" + f.ProjectID + "/bijlage/" + f.BijlageID + "/download")
		}
		return b
	}
}

func aangemaaktToAPI(ctx context.Context, f capo.Bijlage, token string) api.BijlageAangemaakt {
	b := bijlageToAPI(ctx)(f)
	return api.BijlageAangemaakt{
		BijlageID: b.BijlageID, ParentID: b.ParentID, ProjectID: b.ProjectID, Bestandsnaam: b.Bestandsnaam,
		ContentType: b.ContentType, Status: b.Status, OrganisatieID: b.OrganisatieID, AangemaaktOp: b.AangemaaktOp,
		GeuploadOp: b.GeuploadOp, Grootte: b.Grootte, DownloadURL: b.DownloadURL,
		URL: page.Origin(ctx) + basePath + "/upload/" + token, URLGeldigTot: instant(f.URLGeldigTot), Methode: api.UploadmethodePUT,
	}
}

func nieuweBijlageFromAPI(b *api.BijlageNieuw) capo.NieuweBijlage {
	return capo.NieuweBijlage{Bestandsnaam: b.Bestandsnaam, ContentType: b.ContentType, Grootte: b.Grootte, Omschrijving: orZero(b.Omschrijving)}
}

func filterFromAPI(p api.ListBijlageAssignedParams) capodb.BijlageAssignedFilter {
	return capodb.BijlageAssignedFilter{
		Status: capo.Status(orZero(p.Status)), RequiresReview: p.RequiresReview, Processtap: capo.Processtap(orZero(p.Processtap)),
		Gebied: orZero(p.Gebied), Documentsoort: orZero(p.Documentsoort), Geannuleerd: orZero(p.Geannuleerd),
		Limit: p.Limit, Offset: orZero(p.Offset),
	}
}

func hoofdleidingToAPI(h capo.HoofdleidingAanleggen) api.HoofdleidingAanleggen {
	return api.HoofdleidingAanleggen{
		HoofdleidingID: h.HoofdleidingID, ProjectID: h.ProjectID, OrganisatieID: h.OrganisatieID,
		Disciplines: disciplinesToAPI(h.Disciplines), Toelichting: orNull(h.Toelichting), AangemaaktOp: instant(h.AangemaaktOp),
	}
}

func activiteitToAPI(a capo.Activiteit) api.Activiteit {
	return api.Activiteit{
		ActiviteitID: a.ActiviteitID, ProjectID: a.ProjectID, OrganisatieID: a.OrganisatieID, Type: api.ActiviteitType(a.Type),
		Status: api.ActiviteitStatus(a.Status), Opleverdatum: string(a.Opleverdatum),
		Discipline: orNull(api.Discipline(a.Discipline)), Omschrijving: orNull(a.Omschrijving), AangemaaktOp: instant(a.AangemaaktOp),
	}
}

func micToAPI(m capo.Mic) api.Mic {
	return api.Mic{
		MicID: m.MicID, ProjectID: m.ProjectID, OrganisatieID: m.OrganisatieID, MeeInCombi: m.MeeInCombi,
		Disciplines: disciplinesToAPI(m.Disciplines), Reden: orNull(m.Reden), QuickscanAfgerond: true, AangemaaktOp: instant(m.AangemaaktOp),
	}
}
