package capo_test

import (
	"slices"
	"testing"

	"loket/store/capo"
	"loket/store/fault"
)

const (
	nbE = "b00000000000000000000001"
	nbG = "b00000000000000000000002"
)

func intake() capo.Project {
	return capo.Project{Projecttype: capo.Aansluiting, Processtap: capo.Intake, Producten: []capo.Product{
		{Discipline: capo.Gas, NetbeheerderID: nbE}, {Discipline: capo.Elektriciteit, NetbeheerderID: nbE}, {Discipline: capo.Water, NetbeheerderID: nbG},
	}}
}

// TestQuickscanMag walks every act over every project type, step and state of
// the quickscan.
func TestQuickscanMag(t *testing.T) {
	for _, h := range []capo.Handeling{capo.MeldHoofdleiding, capo.MeldActiviteit, capo.MeldMic} {
		for _, typ := range capo.Projecttypen {
			for _, stap := range capo.Processtappen {
				for _, q := range []capo.Quickscan{{}, {HoofdleidingNodig: true}, {ExtraWerkvoorbereiding: true}, {AfgerondOp: &nu}, {HoofdleidingNodig: true, AfgerondOp: &nu}} {
					for _, org := range []string{nbE, vreemde} {
						p := intake()
						p.Projecttype, p.Processtap = typ, stap
						var want fault.Reason
						switch {
						case org == vreemde:
							want = capo.AlleenNetbeheerder
						case typ != capo.Aansluiting || stap != capo.Intake:
							want = capo.NietInIntake
						case q.Afgerond() && h != capo.MeldMic:
							want = capo.QuickscanAfgerond
						case h == capo.MeldHoofdleiding && q.HoofdleidingNodig:
							want = capo.AlGemeld
						}
						if got := fault.ReasonOf(q.Mag(h, &p, org)); got != want {
							t.Errorf("%s, %s, %s, %+v, %s: %q, want %q", h, typ, stap, q, org, got, want)
						}
					}
				}
			}
		}
	}
}

func TestGedaan(t *testing.T) {
	var q capo.Quickscan
	later := nu.Add(1)
	q.Gedaan(nu, capo.MeldActiviteit)
	q.Gedaan(nu, capo.MeldHoofdleiding)
	q.Gedaan(nu, capo.MeldMic)
	q.Gedaan(later, capo.MeldMic)
	if !q.HoofdleidingNodig || !q.ExtraWerkvoorbereiding || !q.AfgerondOp.Equal(nu) {
		t.Errorf("%+v: the first mic closes the quickscan", q)
	}
}

func TestDisciplines(t *testing.T) {
	p := intake()
	eigen := p.DisciplinesVan(nbE)
	if !slices.Equal(eigen, []capo.Discipline{capo.Elektriciteit, capo.Gas}) {
		t.Errorf("disciplines of nb-e: %v", eigen)
	}
	if all, err := capo.Kies(nil, eigen); err != nil || !slices.Equal(all, eigen) {
		t.Errorf("none given: %v, %v", all, err)
	}
	_, err := capo.Kies([]capo.Discipline{capo.Gas, capo.Water, capo.Media}, eigen)
	f := fault.From(err).Fields
	if len(f) != 2 || f[0].Pointer != "/disciplines/1" || f[1].Pointer != "/disciplines/2" {
		t.Errorf("each foreign discipline has its place: %+v", f)
	}
}

func TestActiviteitControleer(t *testing.T) {
	eigen := []capo.Discipline{capo.Gas}
	for _, c := range []struct {
		a    capo.Activiteit
		want int
	}{
		{capo.Activiteit{Opleverdatum: "2026-03-02"}, 0},
		{capo.Activiteit{Opleverdatum: "2026-03-02", Discipline: capo.Gas}, 0},
		{capo.Activiteit{Opleverdatum: "2026-03-01"}, 1},
		{capo.Activiteit{Opleverdatum: "2026-03-01", Discipline: capo.Water}, 2},
	} {
		err := c.a.Controleer(nu, eigen)
		var n int
		if err != nil {
			n = len(fault.From(err).Fields)
		}
		if n != c.want {
			t.Errorf("%+v: %v", c.a, err)
		}
	}
}

func TestGepland(t *testing.T) {
	open := func(d capo.Datum) capo.Activiteit {
		return capo.Activiteit{Status: capo.ActiviteitOpen, Opleverdatum: d}
	}
	for name, c := range map[string]struct {
		p    capo.Project
		a    []capo.Activiteit
		want *capo.Planning
	}{
		"nothing known":     {capo.Project{}, nil, nil},
		"wish week":         {capo.Project{Wensweek: "2030-W01"}, nil, &capo.Planning{Datum: "2029-12-31", Herkomst: capo.HerkomstWens}},
		"extra preparation": {capo.Project{Wensweek: "2030-W01"}, []capo.Activiteit{open("2030-01-10")}, &capo.Planning{Datum: "2030-01-31", Herkomst: capo.HerkomstOplevering}},
		"last delivery":     {capo.Project{}, []capo.Activiteit{open("2030-01-10"), open("2030-01-03")}, &capo.Planning{Datum: "2030-01-31", Herkomst: capo.HerkomstOplevering}},
		"all finished":      {capo.Project{Wensweek: "2030-W01"}, []capo.Activiteit{{Status: capo.ActiviteitGereed, Opleverdatum: "2030-01-10"}}, &capo.Planning{Datum: "2029-12-31", Herkomst: capo.HerkomstWens}},
		"message overrules": {capo.Project{Wensweek: "2030-W01", VastePlanning: &capo.Planning{Datum: "2030-02-01", Herkomst: capo.HerkomstPlanning}}, []capo.Activiteit{open("2030-01-10")}, &capo.Planning{Datum: "2030-02-01", Herkomst: capo.HerkomstPlanning}},
	} {
		got := c.p.Gepland(3, c.a)
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if n := capo.Verschuiving(&capo.Planning{Datum: "2029-12-31"}, &capo.Planning{Datum: "2030-01-31"}); n != 31 {
		t.Errorf("moved by %d days", n)
	}
	if capo.Verschuiving(nil, &capo.Planning{Datum: "2030-01-31"}) != 0 {
		t.Error("a first date moves nothing")
	}
}

func TestWeekEnDatum(t *testing.T) {
	for s, ok := range map[string]bool{"2025-W02": true, "2026-W53": true, "2025-W53": false, "2025-W00": false, "2025-w02": false, "2025-W2": false, "": false, "2025-W02x": false} {
		if _, err := capo.ParseWeek(s); (err == nil) != ok {
			t.Errorf("week %q: %v", s, err)
		}
	}
	for s, ok := range map[string]bool{"2028-02-29": true, "2027-02-29": false, "2027-2-9": false, "": false} {
		if _, err := capo.ParseDatum(s); (err == nil) != ok {
			t.Errorf("datum %q: %v", s, err)
		}
	}
	// Summer time begins on 2026-03-29: days stay whole.
	if got := capo.Datum("2026-03-28").Plus(2); got != "2026-03-30" || capo.Datum("2026-03-28").Tot(got) != 2 {
		t.Errorf("%s", got)
	}
}
