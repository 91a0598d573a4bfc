package capodb

import (
	"bytes"
	"context"
	_ "embed"
	"strings"
	"time"

	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/capo"
	"loket/store/objectid"
)

// demoJSON is the demo data in the form that `loket import capo` reads, so it
// is the example of that form too.
//
//go:embed demo.json
var demoJSON []byte

// DemoJSON is an example of an import file.
func DemoJSON() []byte { return bytes.Clone(demoJSON) }

// Ids of the demo data that its own delivery needs.
const (
	demoP3  = "62c7d0a1eb277e1b79161403"
	demoA4  = "62c7d159eb277e1b79161433"
	demoAan = "62c7cf00eb277e1b79161011"
)

// demoTijd is when everything in the demo data happened: the moment that the
// page's own id 62c7d159eb277e1b79161430 holds.
var demoTijd = time.Date(2022, 7, 8, 6, 40, 25, 0, time.UTC)

// DemoIdentity is a credential of the demo data.
type DemoIdentity struct {
	Token, OrganisatieID, Naam, Uitleg string
	Zonder                             bool // a credential without access to CAPO
}

// DemoIdentities are public knowledge: they exist only in a store that the
// demo filled.
var DemoIdentities = []DemoIdentity{
	{Token: "demo-capo-nb-e", OrganisatieID: "62c7cf00eb277e1b79161001", Naam: "Demo Netbeheer Elektra", Uitleg: "netbeheerder"},
	{Token: "demo-capo-nb-g", OrganisatieID: "62c7cf00eb277e1b79161002", Naam: "Demo Netbeheer Gas", Uitleg: "netbeheerder"},
	{Token: "demo-capo-nb-w", OrganisatieID: "62c7cf00eb277e1b79161003", Naam: "Demo Netbeheer Water", Uitleg: "netbeheerder"},
	{Token: "demo-capo-aan-1", OrganisatieID: demoAan, Naam: "Demo Aannemer Een", Uitleg: "aannemer, levert A1 en A2"},
	{Token: "demo-capo-aan-2", OrganisatieID: "62c7cf00eb277e1b79161012", Naam: "Demo Aannemer Twee", Uitleg: "aannemer, levert A6"},
	{Token: "demo-capo-combi-1", OrganisatieID: "62c7cf00eb277e1b79161021", Naam: "Demo Combi", Uitleg: "combi van het gebied, beoordelaar"},
	{Token: "demo-capo-buiten", OrganisatieID: "62c7cf00eb277e1b79161031", Naam: "Demo Buitenstaander", Uitleg: "toegang tot CAPO, geen project"},
	{Token: "demo-dsp-only", OrganisatieID: "62c7cf00eb277e1b79161041", Naam: "Demo DSP", Uitleg: "geen toegang tot CAPO", Zonder: true},
}

// Demo fills an empty store with the demo data: through the import and the use
// cases themselves, so that it obeys every rule. Times and ids are fixed.
func (d *DB) Demo(ctx context.Context) error {
	demo := *d
	demo.Now = func() time.Time { return demoTijd }
	demo.IDs = objectid.New(demo.Now, strings.NewReader("\xeb\x27\x7e\x1b\x79\x16\x14\x40"))
	demo.Tickets = blobs.NewTickets(d.DB, demo.Now)
	in, err := capo.LeesInvoer(bytes.NewReader(demoJSON))
	if err != nil {
		return err
	}
	if err := demo.Neem(ctx, in, func(int, int) {}); err != nil {
		return err
	}
	for _, i := range DemoIdentities {
		apis := []string{API}
		if i.Zonder {
			apis = []string{}
		}
		if _, _, err := d.Accounts.CreateCredential(ctx, accounts.CreateCredentialInput{Organisation: i.OrganisatieID, Label: "demo", APIs: apis, Token: i.Token}); err != nil {
			return err
		}
	}
	return demo.demoOplevering(ctx)
}

// demoOplevering delivers container A4 with one file, by the page's steps.
func (d *DB) demoOplevering(ctx context.Context) error {
	text := "Bodemvooronderzoek Keizersgracht 100: geen bijzonderheden.\n"
	contentType := "text/plain; charset=utf-8"
	f, token, err := d.MaakBijlage(ctx, demoAan, demoP3, demoA4, capo.NieuweBijlage{Bestandsnaam: "bodemvooronderzoek.txt", ContentType: &contentType})
	if err != nil {
		return err
	}
	o := Ontvangst{Token: token, ContentType: contentType, Lengte: int64(len(text)), Bytes: strings.NewReader(text)}
	if _, err := d.Ontvang(ctx, o); err != nil {
		return err
	}
	if _, err := d.MeldGeupload(ctx, demoAan, demoP3, f.BijlageID); err != nil {
		return err
	}
	_, err = d.ZetStatus(ctx, demoAan, demoP3, demoA4, capo.Done, nil)
	return err
}
