package capo_test

import (
	"strings"
	"testing"
	"time"

	"loket/store/capo"
	"loket/store/fault"
)

// TestBestandsnaam is S14 and contract 3.3.
func TestBestandsnaam(t *testing.T) {
	for name, ok := range map[string]bool{
		"tekening.pdf": true, "Kerkstraat 16 - E.pdf": true, "a(1)[2]_&.d7": true, "ë.pdf": true,
		"e\u0308.pdf":                     true, // two code points, one after NFC
		strings.Repeat("x", 251) + ".pdf": true,
		strings.Repeat("é", 251) + ".pdf": true, // code points count, not bytes
		strings.Repeat("x", 252) + ".pdf": false,
		"a.b.pdf":                         false, "zonderpunt": false, "x?.pdf": false, "x\x07.pdf": false, "x\x7f.pdf": false,
		".pdf": false, " x.pdf": false, "x .pdf": false, "x.": false, "x.pdf ": false, "x.p-f": false,
		"x.abcdefghijk": false, "x.abcdefghij": true, "CON.pdf": false, "con.pdf": false, "lpt9.txt": false, "COM10.txt": true,
		"a/b.pdf": false, `a\b.pdf`: false, "a|b.pdf": false, "a\xff.pdf": false, "a.": false, "x.é": false,
	} {
		err := capo.NieuweBijlage{Bestandsnaam: name}.Controleer()
		if (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if err != nil {
			e := fault.From(err)
			if e.Reason != fault.BadBody || len(e.Fields) != 1 || e.Fields[0].Pointer != "/bestandsnaam" || e.Fields[0].Detail == "" {
				t.Errorf("%q: %+v", name, e)
			}
		}
	}
}

func TestGrootte(t *testing.T) {
	n := capo.NieuweBijlage{Bestandsnaam: "a.pdf", Grootte: ptr(int64(capo.MaxGrootte))}
	if err := n.Controleer(); err != nil {
		t.Error(err)
	}
	n.Grootte = ptr(int64(capo.MaxGrootte + 1))
	if got := fault.KindOf(n.Controleer()); got != fault.TooLarge {
		t.Errorf("one byte over: %v", got)
	}
}

func TestMaakBijlage(t *testing.T) {
	for _, c := range []struct {
		org  string
		st   capo.Status
		want fault.Reason
	}{
		{aannemer, capo.Assigned, ""}, {aannemer, capo.Uploaded, ""}, {aannemer, capo.Review, ""},
		{aannemer, capo.Done, capo.AlOpgeleverd}, {aannemer, capo.Cancelled, capo.AlOpgeleverd},
		{vreemde, capo.Assigned, capo.NietToegewezen}, {vreemde, capo.Done, capo.NietToegewezen},
	} {
		b := capo.BijlageAssigned{BijlageAssignedID: container, OrganisatieID: c.org, Status: c.st}
		if c.org == vreemde {
			b.OrganisatieID = aannemer
		}
		f, err := b.MaakBijlage(nu, c.org, "id", capo.NieuweBijlage{Bestandsnaam: "e\u0308.pdf"}, 15*time.Minute)
		if got := fault.ReasonOf(err); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.org, c.st, got, c.want)
		}
		if err == nil && (f.Bestandsnaam != "ë.pdf" || f.ParentID != container || f.ContentType != capo.StandaardContentType || !f.URLGeldigTot.Equal(nu.Add(15*time.Minute))) {
			t.Errorf("made %+v", f)
		}
	}
}

func TestGeupload(t *testing.T) {
	open := &capo.BijlageAssigned{Status: capo.Assigned}
	dicht := &capo.BijlageAssigned{Status: capo.Done}
	for name, c := range map[string]struct {
		f    capo.Bijlage
		b    *capo.BijlageAssigned
		org  string
		want fault.Reason
	}{
		"good":             {capo.Bijlage{Status: capo.BestandCreated, BlobKey: "k", OrganisatieID: aannemer}, open, aannemer, ""},
		"of another":       {capo.Bijlage{Status: capo.BestandCreated, OrganisatieID: aannemer}, dicht, vreemde, capo.NietToegewezen},
		"container closed": {capo.Bijlage{Status: capo.BestandUploaded, OrganisatieID: aannemer}, dicht, aannemer, capo.AlOpgeleverd},
		"twice":            {capo.Bijlage{Status: capo.BestandUploaded, BlobKey: "k", OrganisatieID: aannemer}, open, aannemer, capo.OngeldigeOvergang},
		"no bytes":         {capo.Bijlage{Status: capo.BestandCreated, OrganisatieID: aannemer}, open, aannemer, capo.GeenBestand},
	} {
		err := c.f.Geupload(nu, c.org, c.b)
		if got := fault.ReasonOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestMagOntvangen(t *testing.T) {
	open := &capo.BijlageAssigned{Status: capo.Review}
	f := capo.Bijlage{ContentType: "text/plain; charset=utf-8", ContentVast: true, VerwachteMaat: 3}
	for _, c := range []struct {
		ct   string
		n    int64
		b    *capo.BijlageAssigned
		want fault.Reason
	}{
		{"Text/Plain;Charset=utf-8", 3, open, ""},
		{"text/plain", 3, open, fault.BadBody},
		{"", 3, open, fault.BadBody},
		{"text/plain; charset=utf-8", 4, open, fault.BadBody},
		{"text/plain; charset=utf-8", 3, &capo.BijlageAssigned{Status: capo.Cancelled}, capo.AlOpgeleverd},
	} {
		if got := fault.ReasonOf(f.MagOntvangen(c.b, c.ct, c.n)); got != c.want {
			t.Errorf("%q, %d bytes: %q, want %q", c.ct, c.n, got, c.want)
		}
	}
	if err := (&capo.Bijlage{ContentType: capo.StandaardContentType}).MagOntvangen(open, "image/png", 9); err != nil {
		t.Errorf("nothing announced, anything goes: %v", err)
	}
}
