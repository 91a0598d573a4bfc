package capo_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"loket/store/capo"
	"loket/store/fault"
)

const (
	aannemer  = "a00000000000000000000001"
	combi     = "c00000000000000000000001"
	vreemde   = "e00000000000000000000001"
	container = "62c7d159eb277e1b79161430"
)

var nu = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

// TestZet walks the full product of state, target, role, requiresReview, files
// and reden, and compares each outcome with the contract's table 2.1 and its
// order of checks, written here a second time as plain conditions.
func TestZet(t *testing.T) {
	wie := map[string]string{"toegewezene": aannemer, "beoordelaar": combi, "ander": vreemde}
	for _, van := range capo.Statussen {
		for _, naar := range []capo.Status{capo.Uploaded, capo.Review, capo.Done} {
			for rol, org := range wie {
				for _, review := range []bool{false, true} {
					for _, files := range []int{0, 1} {
						for _, reden := range []*string{nil, ptr("Maatvoering ontbreekt"), ptr("   ")} {
							b := capo.BijlageAssigned{OrganisatieID: aannemer, BeoordelaarID: combi, Status: van, RequiresReview: review, AantalBijlagen: files}
							_, err := b.Zet(nu, org, naar, reden)
							if got, want := fault.ReasonOf(err), verwacht(van, naar, rol, review, files, reden); got != want {
								t.Errorf("%s → %s by %s, requiresReview %t, %d files, reden %v: %q, want %q", van, naar, rol, review, files, reden, got, want)
							}
							if changed := b.Status != van; changed != (err == nil) {
								t.Errorf("%s → %s by %s: status is %s after error %v", van, naar, rol, b.Status, err)
							}
						}
					}
				}
			}
		}
	}
}

func verwacht(van, naar capo.Status, rol string, review bool, files int, reden *string) fault.Reason {
	afkeur := van == capo.Review && naar == capo.Uploaded
	goedkeur := van == capo.Review && naar == capo.Done
	switch {
	case van == capo.Done || van == capo.Cancelled:
		return capo.AlOpgeleverd
	case naar == capo.Uploaded && !afkeur, van == naar:
		return capo.OngeldigeOvergang
	case (afkeur || goedkeur) && rol != "beoordelaar":
		return capo.NietBeoordelaar
	case !afkeur && !goedkeur && rol != "toegewezene":
		return capo.NietToegewezen
	case afkeur && (reden == nil || strings.TrimSpace(*reden) == ""):
		return fault.BadBody
	case !afkeur && reden != nil:
		return fault.BadBody
	case van == capo.Review && !review:
		return capo.OngeldigeOvergang
	case naar == capo.Review && !review, naar == capo.Done && review && van != capo.Review:
		return capo.OngeldigeOvergang
	case files == 0:
		return capo.GeenBestand
	}
	return ""
}

func TestAfkeurEnGoedkeur(t *testing.T) {
	b := capo.BijlageAssigned{BijlageAssignedID: container, OrganisatieID: aannemer, BeoordelaarID: combi, Status: capo.Assigned, RequiresReview: true}
	var log []capo.Status
	step := func(o capo.Overgang, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, o.Naar)
	}
	o, moved := b.BestandErbij(nu, aannemer)
	if !moved {
		t.Fatal("the first file must move the container to uploaded")
	}
	step(o, nil)
	step(b.Zet(nu, aannemer, capo.Review, nil))
	step(b.Zet(nu, combi, capo.Uploaded, ptr("  Maatvoering ontbreekt ")))
	if b.Reden != "Maatvoering ontbreekt" {
		t.Errorf("reden %q after rejection", b.Reden)
	}
	if _, moved := b.BestandErbij(nu, aannemer); moved {
		t.Error("only the first file moves the container")
	}
	step(b.Zet(nu, aannemer, capo.Review, nil))
	if b.Reden != "Maatvoering ontbreekt" {
		t.Errorf("reden %q: the last rejection stays until approval", b.Reden)
	}
	step(b.Zet(nu, combi, capo.Done, nil))
	want := []capo.Status{capo.Uploaded, capo.Review, capo.Uploaded, capo.Review, capo.Done}
	for i := range want {
		if log[i] != want[i] {
			t.Fatalf("log %v, want %v (the page's order for one rejection)", log, want)
		}
	}
	if b.Reden != "" || b.OpgeleverdOp == nil || !b.OpgeleverdOp.Equal(nu) {
		t.Errorf("after approval: reden %q, opgeleverdOp %v", b.Reden, b.OpgeleverdOp)
	}
}

// TestVolgorde throws random steps at a container: whatever happens, its log
// holds only rows of the table, in unbroken order, and nothing follows done.
func TestVolgorde(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		review := rapid.Bool().Draw(t, "requiresReview")
		b := capo.BijlageAssigned{OrganisatieID: aannemer, BeoordelaarID: combi, Status: capo.Assigned, RequiresReview: review}
		var log []capo.Overgang
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "file") && !b.Gesloten() {
				if o, moved := b.BestandErbij(nu, aannemer); moved {
					log = append(log, o)
				}
				continue
			}
			naar := rapid.SampledFrom(capo.Statussen).Draw(t, "naar")
			org := rapid.SampledFrom([]string{aannemer, combi, vreemde}).Draw(t, "org")
			reden := rapid.SampledFrom([]*string{nil, ptr("want"), ptr("")}).Draw(t, "reden")
			if o, err := b.Zet(nu, org, naar, reden); err == nil {
				log = append(log, o)
			}
		}
		at := capo.Assigned
		for _, o := range log {
			if o.Van != at {
				t.Fatalf("log %v is broken", log)
			}
			if !inTabel(o.Van, o.Naar) {
				t.Fatalf("%s → %s is no row of the table", o.Van, o.Naar)
			}
			at = o.Naar
		}
		if at != b.Status {
			t.Fatalf("log ends at %s, status is %s", at, b.Status)
		}
		if b.Status == capo.Done && b.AantalBijlagen == 0 {
			t.Fatal("delivered without a file")
		}
	})
}

func inTabel(van, naar capo.Status) bool {
	for _, s := range capo.Stappen {
		if s.Van == van && s.Naar == naar {
			return true
		}
	}
	return false
}

func TestVerlopen(t *testing.T) {
	for _, c := range []struct {
		due  capo.Datum
		st   capo.Status
		want bool
	}{
		{"2026-03-01", capo.Assigned, true},
		{"2026-03-02", capo.Assigned, false},
		{"2026-03-01", capo.Review, true},
		{"2026-03-01", capo.Done, false},
		{"2026-03-01", capo.Cancelled, false},
		{"", capo.Assigned, false},
	} {
		b := capo.BijlageAssigned{Opleverdatum: c.due, Status: c.st}
		if b.Verlopen(nu) != c.want {
			t.Errorf("due %q, %s: verlopen is %t", c.due, c.st, !c.want)
		}
	}
	// The day ends in the Netherlands, not in UTC.
	b := capo.BijlageAssigned{Opleverdatum: "2026-03-01", Status: capo.Assigned}
	if !b.Verlopen(time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)) {
		t.Error("at 00:30 in Amsterdam the day before has passed")
	}
}

func TestMermaidShowsEveryStep(t *testing.T) {
	d := capo.Mermaid()
	for _, s := range []string{"assigned --> uploaded: systeem", "uploaded --> review: toegewezene, requiresReview is true", "review --> uploaded: beoordelaar, requiresReview is true, met reden", "review --> done"} {
		if !strings.Contains(d, s) {
			t.Errorf("diagram lacks %q:\n%s", s, d)
		}
	}
}
