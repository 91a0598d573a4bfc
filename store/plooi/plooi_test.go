package plooi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"loket/store/fault"
)

func TestLists(t *testing.T) {
	l := LeesLijsten()
	counts := map[string]int{
		Gemeenten: 604, Caribisch: 3, Ministeries: 21, Overige: 4, Provincies: 12, Waterschappen: 33,
		Documentsoorten: 106, Filetypes: 88, Talen: 27, Documenthandelingen: 3, Toplijst: 92,
	}
	if len(l.Alle()) != len(counts) {
		t.Errorf("%d lists, want %d", len(l.Alle()), len(counts))
	}
	all, breder := 0, 0
	for _, lijst := range l.Alle() {
		if len(lijst.Waarden) != counts[lijst.Soort] || lijst.Bron == "" || lijst.Versie == "" {
			t.Errorf("%s: %d values, source %q, version %q", lijst.Soort, len(lijst.Waarden), lijst.Bron, lijst.Versie)
		}
		seen := map[string]bool{}
		for _, w := range lijst.Waarden {
			if seen[w.Identifier] || !IsURI(w.Identifier) || w.Waarde == "" {
				t.Errorf("%s: %+v", lijst.Soort, w)
			}
			seen[w.Identifier] = true
			if w.Breder != "" {
				breder++
				if !seen[w.Breder] && !l.Heeft(Toplijst)(w.Breder) {
					t.Errorf("%s has an unknown parent %s", w.Waarde, w.Breder)
				}
			}
		}
		if slices.Contains(organisaties, lijst.Soort) {
			all += len(lijst.Waarden)
		}
	}
	if len(l.org) != all {
		t.Errorf("%d organisations, want %d: an identifier is in two lists", len(l.org), all)
	}
	if breder != 76 {
		t.Errorf("%d themes have a parent, want 76", breder)
	}
	if w, ok := l.Waarde(Talen, "https://identifier.overheid.nl/tooi/def/thes/xtrn/PAP-AW"); !ok || w.Waarde != "Papiamento" {
		t.Errorf("a language of another base: %+v", w)
	}
	for _, id := range []string{"c_3d782f30", "c_2977c34f", "c_465163c9", "c_056a75e1"} { // of either list, and of both
		if !l.Heeft(Documentsoorten)("https://identifier.overheid.nl/tooi/def/thes/kern/" + id) {
			t.Errorf("%s is no documentsoort", id)
		}
	}
	if _, ok := l.Lijst("GEMEENTEN"); !ok {
		t.Error("the sort of a list is taken in any case")
	}
}

func TestCodeOfAName(t *testing.T) {
	l := LeesLijsten()
	for name, want := range map[string]string{
		"gemeente Utrecht": "gm0344", "provincie Utrecht": "pv26", "utrecht": "gm0344", "ministerie van Financiën": "mnre1090", "MINISTERIE VAN ALGEMENE ZAKEN": "mnre1010",
		"Eerste Kamer der Staten-Generaal": "oorg10001", "openbaar lichaam Bonaire": "col01", "Wetterskip Fryslân": "ws0653",
	} {
		if got, ok := l.CodeVan(name); !ok || got != want {
			t.Errorf("%s: %s, %v, want %s", name, got, ok, want)
		}
	}
	if got, ok := l.CodeVan("Nergenshuizen"); ok {
		t.Errorf("Nergenshuizen is %s", got)
	}
}

func TestPolicy(t *testing.T) {
	basis, kst := Aanroeper{Org: []string{"gm0361"}, Rollen: []string{RolBasis}}, Aanroeper{Org: []string{"gm0361"}, Rollen: []string{RolKamerstuk}}
	for _, c := range []struct {
		a       Aanroeper
		action  string
		code    string
		soorten []string
		want    bool
	}{
		{basis, HandelingCRUD, "gm0361", nil, true},
		{basis, HandelingCRUD, "gm0344", nil, false},
		{basis, HandelingCRUD, "gm0361", []string{"x", Kamerstuk}, false},
		{kst, HandelingCRUD, "gm0361", []string{Kamerstuk}, true},
		{basis, HandelingCRUD, "gm0361", []string{strings.ToUpper(Kamerstuk)}, false},
		{Aanroeper{}, HandelingCRUD, "", nil, false},
		{Aanroeper{}, "anders", "gm0361", []string{Kamerstuk}, true},
	} {
		if got := c.a.Beslis(c.action, c.code, c.soorten); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	const id = "5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01"
	for _, s := range []string{id, strings.ToUpper(id), "{" + id + "}", "{" + id, id + "}"} {
		if got, err := DocumentID(s); err != nil || got != id {
			t.Errorf("%s: %s, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "x", id + "0", "plooi-api-" + id, "}" + id + "{", " " + id} {
		if _, err := DocumentID(s); fault.ReasonOf(err) != IdentifierOnjuist {
			t.Errorf("%q: %v", s, err)
		}
	}
	for s, want := range map[string]string{id: id, "plooi-api-" + id: id, "plooi-api-plooi-api-" + id: "", "x": "", "": ""} {
		if got := UitDcnID(s); got != want {
			t.Errorf("dcnId %q: %q", s, got)
		}
	}
	for s, want := range map[string]string{"https://open.overheid.nl/documenten/" + id: id, "https://x/" + strings.ToUpper(id) + "/": id, id: id, "https://x/y": "", "": ""} {
		if got := Doel(s); got != want {
			t.Errorf("relation %q: %q", s, got)
		}
	}
	for s, want := range map[string]bool{"http://x": true, "a:": true, "//": true, "//x y": false, "x": false, "a b:c": false, "urn:isbn:1": true, "a: b": false, "1:x": false} {
		if IsURI(s) != want {
			t.Errorf("%q is a URI: %v", s, !want)
		}
	}
	for s, want := range map[string]bool{"abc": true, "ab": false, "a:": true, "éé": false, "ééé": true} {
		if IsKenmerk(s) != want {
			t.Errorf("%q is an identifier: %v", s, !want)
		}
	}
}

func TestFileTypes(t *testing.T) {
	for text, want := range map[string]string{"%PDF": PDF, "PK\x03\x04": ZIP, "PK\x05\x06": ZIP, "PK\x07\x08": ZIP} {
		if got, err := Soort([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "%PD", "PK\x03", "PK\x03\x06", "PK\x05\x04", "%pdf", "GIF8"} {
		if _, err := Soort([]byte(text)); fault.ReasonOf(err) != BestandstypeFout {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTextOfMetadata(t *testing.T) {
	m := &Metadata{Tekst: []byte(`{"x":1,"document":{"pid":"old","b":1.0,"a":"<&>"},"documentrelaties":{"role":"y"}}`)}
	got, err := m.MetPid("new")
	if err != nil {
		t.Fatal(err)
	}
	want := "{\n  \"x\": 1,\n  \"document\": {\n    \"b\": 1.0,\n    \"a\": \"<&>\",\n    \"pid\": \"new\"\n  },\n  \"documentrelaties\": {\n    \"role\": \"y\"\n  }\n}"
	if string(got) != want {
		t.Errorf("%s", got)
	}
	if same, err := MetRelaties(got, []byte(`{"role":"z"}`)); err != nil || string(same) != want {
		t.Errorf("relations that are there: %s, %v", same, err)
	}
	if with, err := MetRelaties([]byte(`{"document":{}}`), []byte(`{"role":"z"}`)); err != nil || string(with) != "{\n  \"document\": {},\n  \"documentrelaties\": {\n    \"role\": \"z\"\n  }\n}" {
		t.Errorf("relations of the registration: %s, %v", with, err)
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"document":{"a":1,"b":[1,2]}}`, `{"document": {"b":[1,2],"a":1}, "documentrelaties":{}}`, true},
		{`{"document":{"a":1,"b":[1,2]}}`, `{"document":{"a":1,"b":[2,1]}}`, false},
		{`{"document":{"a":null}}`, `{"document":{}}`, false},
		{`{`, `{`, false},
	} {
		if Gelijk([]byte(c.a), []byte(c.b)) != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, !c.want)
		}
	}
	for text, reason := range map[string]fault.Reason{`{"document":{"x":"<script>"}}`: ScriptGevonden, `{"document":{"x":"<SCRIPT>"}}`: ""} {
		if _, err := LeesMetadata([]byte(text)); err != nil && fault.ReasonOf(err) != reason || err == nil && reason != "" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Jaarverslag 2021": "jaarverslag 2021", "  Súdwest-Fryslân!": "sudwest fryslan", "STRASSE Straße": "strasse strasse", "œuvre Æsir Łódź": "oeuvre aesir lodz",
		"ﬁnanciën": "financien", "İstanbul": "istanbul", "a_b c'd": "a b c d", "½ ²": "1 2 2",
	} {
		if got := Vouw(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := Vouw(strings.Repeat("x", 500)); len(got) != maxWoord {
		t.Errorf("a long word has %d letters", len(got))
	}
	if got := Vouw(strings.Repeat("abc ", maxTekst)); len(got) > maxTekst+maxWoord {
		t.Errorf("a long text has %d bytes", len(got))
	}
	if got := Woorden(strings.Repeat("a b ", 50) + strings.Repeat("c1 c2 c3 c4 c5 ", 9)); len(got) != 7 {
		t.Errorf("words: %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		once := Vouw(rapid.String().Draw(t, "text"))
		if again := Vouw(once); again != once {
			t.Fatalf("%q folds to %q", once, again)
		}
	})
}

var tijd = time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC)

func TestDutchTime(t *testing.T) {
	if got := LokaleTijd(tijd); got != "2026-03-03T00:30:00.000000" {
		t.Error(got)
	}
	if got := Dag(tijd); got != "2026-03-03" {
		t.Error(got)
	}
}

// The life of a document under any sequence of what can be asked of it: numbers
// go up by one, the manifest only grows, and what is shown was processed and is
// not withdrawn.
func TestLifeOfADocument(t *testing.T) {
	eigen := Aanroeper{Org: []string{"gm0361"}}
	rapid.Check(t, func(t *rapid.T) {
		text := func(titel int, pid bool) []byte {
			p := ""
			if pid {
				p = `"pid":"p",`
			}
			return []byte(fmt.Sprintf(`{"document":{%s"publisher":{"id":"x/gm0361"},"titel":%d}}`, p, titel))
		}
		m, err := LeesMetadata(text(0, false))
		if err != nil {
			t.Fatal(err)
		}
		d, err := Registreer(tijd, "id", "p", m)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			before, numbers := len(d.Versies), d.Laatste().Nummer
			bestand := Bestand{SHA256: fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "file"))}
			var made *Versie
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0:
				_, err = d.LeverBestand(tijd, bestand)
				if (err == nil) != (before == 1 && d.Versies[0].VerwerktOp == nil) {
					t.Fatalf("a first file with %d versions: %v", before, err)
				}
			case 1:
				withdrawn := d.Ingetrokken()
				made, err = d.VervangBestand(tijd, bestand)
				if err == nil && made != nil && d.Ingetrokken() {
					t.Fatal("a new file did not bring it back")
				}
				if err == nil && made == nil && withdrawn {
					t.Fatal("a withdrawn document did not come back")
				}
			case 2:
				withdrawn := d.Ingetrokken()
				n++
				m, _ := LeesMetadata(text(n, true))
				made, err = d.VervangMetadata(tijd, eigen, m)
				if err != nil {
					t.Fatal(err)
				}
				if withdrawn != d.Ingetrokken() {
					t.Fatal("metadata alone brought it back")
				}
				if before == 1 && d.Versies[0].Bestand == nil {
					made = nil
				}
			case 3:
				withdrawn := d.Ingetrokken()
				if err = d.TrekIn(tijd); (err == nil) == withdrawn || !d.Ingetrokken() {
					t.Fatalf("withdrawn %v: %v", withdrawn, err)
				}
			case 4:
				if v := d.Laatste(); v.Bestand != nil && !d.Ingetrokken() {
					v.VerwerktOp = &tijd
				}
			case 5:
				_, err = d.Herpubliceer(tijd, 0, "")
				if err == nil && d.Ingetrokken() {
					t.Fatal("republished and withdrawn")
				}
				numbers = d.Laatste().Nummer
			}
			if len(d.Versies) < before {
				t.Fatal("a version is gone")
			}
			if made != nil && made.Nummer <= numbers {
				t.Fatalf("version %d follows %d", made.Nummer, numbers)
			}
			for i, v := range d.Versies {
				if v.Volgnr != i+1 {
					t.Fatalf("place %d has %d", i+1, v.Volgnr)
				}
			}
			if v := d.Gepubliceerd(); v != nil && v.VerwerktOp == nil {
				t.Fatal("shown before it is processed")
			}
			if _, err := d.TeDownloaden(tijd, Aanroeper{Org: []string{"gm0344"}}); err == nil && (d.Ingetrokken() || d.Gepubliceerd() == nil) {
				t.Fatal("others read what is not published")
			}
		}
	})
}
