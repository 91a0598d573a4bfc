package plooidb

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"loket/store/objectid"
	"loket/store/plooi"
	"loket/store/settings"
)

// The demo's documents.
const (
	DemoEen         = "5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b01" // published
	DemoBijlage     = "5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b02" // a bijlage of the first, published
	DemoIngetrokken = "5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a1b03" // withdrawn
)

// DemoOrganisatie is whose the demo's documents are.
const DemoOrganisatie = "gemeente Alkmaar"

// demoTijd is when everything in the demo data happened: the day of the version
// that the page describes.
var demoTijd = time.Date(2022, 6, 16, 8, 0, 0, 0, time.UTC)

// Demo fills an empty store with the demo data, by the use cases themselves, so
// that it obeys every rule. Times and ids are fixed.
func (d *DB) Demo(ctx context.Context) error {
	at, sessions := demoTijd, 0
	deps := d.Deps
	deps.Now = func() time.Time { return at }
	deps.IDs = objectid.New(deps.Now, strings.NewReader("plooidemo"))
	deps.Vertraging, deps.Scanner = -1, nil
	ids := []string{}
	deps.NieuweUUID = func() string {
		if len(ids) > 0 {
			id := ids[0]
			ids = ids[1:]
			return id
		}
		sessions++
		return fmt.Sprintf("5b0f3c1e-7a52-4d0e-9c61-2f8d4e6a5e%02x", sessions)
	}
	demo := New(deps)
	a := plooi.Aanroeper{Org: []string{"gm0361"}, Rollen: []string{plooi.RolBasis}}
	for _, x := range []struct{ id, titel, soort, relatie string }{
		{DemoEen, "Jaarverslag 2021 gemeente Alkmaar", `"c_3d782f30","label":"jaarverslag"`, ""},
		{DemoBijlage, "Bijlage bij het jaarverslag 2021: kerncijfers", `"c_3300f29a","label":"rapport"`, DemoEen},
		{DemoIngetrokken, "Besluitenlijst college 7 juni 2022", `"c_d4a4792f","label":"besluitenlijst"`, ""},
	} {
		ids = []string{x.id}
		r, err := demo.Registreer(ctx, a, d.DemoOrigin, demoMetadata(x.titel, x.soort, demo.relatie(x.relatie)))
		if err != nil {
			return err
		}
		at = at.Add(time.Minute)
		if _, err := demo.LeverBestand(ctx, a, Levering{DocumentID: x.id, Sessie: r.Sessie, Lengte: -1, Bytes: bytes.NewReader(demoPDF(x.titel))}); err != nil {
			return err
		}
		at = at.Add(time.Second)
		if _, err := demo.Verwerk(ctx); err != nil {
			return err
		}
		at = at.Add(time.Hour)
	}
	if _, err := demo.TrekIn(ctx, a, DemoIngetrokken); err != nil {
		return err
	}
	return settings.Put(ctx, d.DB, demoSetting, "loaded")
}

func (d *DB) relatie(id string) string {
	if id == "" {
		return ""
	}
	return fmt.Sprintf(`,"documentrelaties":{"relation":%q,"role":%q}`, d.pid(d.DemoOrigin, id), plooi.IsBijlageBij)
}

func demoMetadata(titel, soort, relaties string) []byte {
	const kern = "https://identifier.overheid.nl/tooi/def/thes/kern/"
	alkmaar := `{"id":"https://identifier.overheid.nl/tooi/id/gemeente/gm0361","label":"gemeente Alkmaar"}`
	return []byte(`{"document":{"creatiedatum":"2022-06-07","publisher":` + alkmaar + `,"verantwoordelijke":` + alkmaar + `,"opsteller":` + alkmaar +
		`,"identifiers":[],"language":{"id":"http://publications.europa.eu/resource/authority/language/NLD","label":"Nederlands"}` +
		`,"titelcollectie":{"officieleTitel":"` + titel + `"}` +
		`,"classificatiecollectie":{"documentsoorten":[{"id":"` + kern + strings.TrimPrefix(soort, `"`) + `}]` +
		`,"themas":[{"id":"https://identifier.overheid.nl/tooi/def/thes/top/c_f37fd49d","label":"inrichting van de overheid"}]}` +
		`,"documenthandelingen":[{"soortHandeling":{"id":"` + kern + `c_641ecd76","label":"vaststelling"},"atTime":"2022-06-07T10:00:00+02:00","wasAssociatedWith":` + alkmaar + `}]}` +
		relaties + `}`)
}

// demoPDF is a page with a line of text, that any reader opens.
func demoPDF(text string) []byte {
	var b bytes.Buffer
	stream := "BT /F1 18 Tf 72 760 Td (" + strings.NewReplacer("(", `\(`, ")", `\)`).Replace(text) + ") Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(stream), stream),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}
