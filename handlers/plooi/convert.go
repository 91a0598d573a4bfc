package plooi

import (
	"time"

	api "loket/gen/plooi"
	"loket/store/plooi"
	"loket/store/plooi/plooidb"
)

// The words of a 202 (1.5).
const (
	inBehandeling = "Het document is in behandeling genomen."
	ontvangen     = "De aanlevering is ontvangen en wordt gecontroleerd. " +
		"Voor het raadplegen van de verwerkingsstatus kunt u bij de 'RaadpleegService' een request indienen."
	aangenomen = 202
)

// orZero is the value of an optional member; its zero value when absent.
func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// orNil leaves out an empty text.
func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func aangeleverdToAPI(o *plooidb.Ontvangst) api.Aangeleverd {
	return api.Aangeleverd{
		Title: inBehandeling, Status: aangenomen, Detail: ontvangen, Openbaarmakingsdatum: plooi.LokaleTijd(o.Op), Document: api.DocumentPid{Pid: o.Pid},
	}
}

func gewijzigdToAPI(o *plooidb.Ontvangst) api.Gewijzigd {
	return api.Gewijzigd{
		Title: inBehandeling, Status: aangenomen, Detail: ontvangen, Wijzigingsdatum: plooi.LokaleTijd(o.Op), Document: api.DocumentPid{Pid: o.Pid},
	}
}

func procesToAPI(p *plooidb.Proces) api.Proces {
	return api.Proces{
		ID: p.ID, SourceLabel: plooi.SourceLabel, TriggerType: api.ProcesTriggerType(p.TriggerType), Trigger: "API", TimeCreated: instant(p.AangemaaktOp),
		Excepties: []string{},
		ProcesCounts: api.ProcesCounts{
			TotalCount: p.Verwerkingen, DocumentCount: p.Documenten, OkCount: p.Zwaarte[plooi.OK], InfoCount: p.Zwaarte[plooi.Info],
			WarningCount: p.Zwaarte[plooi.Warning], ErrorCount: p.Zwaarte[plooi.Error], ExceptionCount: p.Zwaarte[plooi.Exception],
		},
	}
}

func verwerkingenToAPI(list []plooidb.Verwerking) api.Verwerkingen {
	out := make(api.Verwerkingen, len(list))
	for i, v := range list {
		out[i] = api.Verwerking{
			ID: v.ID, ProcesID: v.ProcesID, DcnID: plooi.DcnID(v.DocumentID), SourceLabel: plooi.SourceLabel, ExtIds: []string{v.DocumentID},
			Stage: api.Stage(v.Stage), Severity: api.Severity(v.Severity), TimeCreated: instant(v.Op), Diagnoses: make([]api.Diagnose, len(v.Diagnoses)),
		}
		for j, d := range v.Diagnoses {
			out[i].Diagnoses[j] = api.Diagnose{
				Code: d.Code, Severity: api.Severity(d.Severity), Message: d.Message, SourceID: orNil(d.SourceID), SourceLabel: orNil(d.SourceLabel), Target: orNil(d.Target),
			}
		}
	}
	return out
}

func statusToAPI(s *plooidb.Status) api.Verwerkingsstatus {
	return api.Verwerkingsstatus{
		DcnID: plooi.DcnID(s.DocumentID), SourceLabel: plooi.SourceLabel, ExtID: []string{s.DocumentID}, LastSeverity: api.Severity(s.Severity),
		LastStage: api.Stage(s.Stage), LastProcesID: s.ProcesID, TimeCreated: instant(s.AangemaaktOp), TimeUpdated: instant(s.BijgewerktOp),
	}
}

func resultaatToAPI(g *plooidb.Gevonden, start int64) api.Zoekresultaat {
	out := api.Zoekresultaat{Totaal: g.Totaal, Start: start, Aantal: len(g.Resultaten), Resultaten: g.Resultaten}
	if out.Resultaten == nil {
		out.Resultaten = []api.Record{}
	}
	return out
}

// portaalPerKeer is how many results the portal gives when nobody says.
const portaalPerKeer = 20

func zoekvraagFromAPI(b *api.Zoekvraag) plooi.Zoekvraag {
	z := plooi.Zoekvraag{Zoektekst: orZero(b.Zoektekst), Sorteer: orZero(b.Sorteer), Start: orZero(b.Start), Aantal: portaalPerKeer}
	if b.Aantal != nil {
		z.Aantal = *b.Aantal
	}
	f := orZero(b.Filters)
	c, m, o, h := orZero(f.Classificatiecollectie), orZero(f.Mutatiedatumtijd), orZero(f.Openbaarmakingsdatum), orZero(f.PlooiIntern)
	z.Termen = map[string][]string{
		plooi.TermPublisher: orZero(f.Publisher), plooi.TermVerantwoordelijke: orZero(f.Verantwoordelijke),
		plooi.TermDocumentsoort: orZero(c.Documentsoorten), plooi.TermThema: orZero(c.Themas),
	}
	z.ID, z.MutatieVan, z.MutatieTot, z.OpenbaarVan, z.OpenbaarTot = orZero(f.ID), momentFromAPI(m.Van), momentFromAPI(m.Tot), orZero(o.Van), orZero(o.Tot)
	z.SourceLabel, z.Aanbieder, z.ExtID, z.Onderwerpen = orZero(h.SourceLabel), orZero(h.Aanbieder), orZero(h.ExtID), orZero(c.OnderwerpRijksoverheidNl)
	return z
}

// momentFromAPI reads what the validator has let through.
func momentFromAPI(s *string) *time.Time {
	if s == nil {
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, *s)
	if err != nil {
		return nil
	}
	return &t
}

func lijstToAPI(l *plooi.Lijst) api.Waardelijst {
	out := make(api.Waardelijst, len(l.Waarden))
	for i, w := range l.Waarden {
		out[i] = api.Lijstwaarde{Identifier: w.Identifier, Waarde: w.Waarde}
	}
	return out
}

func sleutelsToAPI(keys []plooidb.JWK) []api.Sleutel {
	out := make([]api.Sleutel, len(keys))
	for i, k := range keys {
		out[i] = api.Sleutel{Kty: api.SleutelKtyRSA, Use: api.SleutelUseSig, Alg: api.SleutelAlgRS256, Kid: k.Kid, N: k.N, E: k.E}
	}
	return out
}
