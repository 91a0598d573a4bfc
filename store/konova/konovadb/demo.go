package konovadb

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/konova"
)

// demoFiles are the demo data in the forms that the import commands read, so
// they are examples of those forms too: the page's three interventions word
// for word, and what they name.
//
//go:embed demo
var demoFiles embed.FS

// DemoFile gives a file of the demo data: "interventions.json",
// "compensations.json", "ecoaccounts.json" or "codes.csv".
func DemoFile(name string) ([]byte, error) { return demoFiles.ReadFile("demo/" + name) }

// DemoIdentity is a user of the demo data.
type DemoIdentity struct {
	User, Token string
	Groups      []konova.Group
	Note        string
}

// DemoIdentities are public knowledge: they exist only in a store that the
// demo filled.
var DemoIdentities = []DemoIdentity{
	{User: "demo", Token: "demo-ksp-token", Groups: konova.Groups, Note: "alle Gruppen; sieht die Einträge der Seite"},
	{User: "gast", Token: "demo-ksp-gast", Groups: []konova.Group{konova.Standard}, Note: "Standard; mit ihm ist nichts geteilt"},
}

// The deduction of the page's third example.
const (
	demoDeduction    = "f784e131-afb7-4e15-ad57-0b2469f5e967"
	demoIntervention = "97d7cce8-83e9-4043-bc76-317caf983a41"
	demoAccount      = "3e7acd84-bb67-408d-886e-91004c319f38"
)

// Demo fills an empty store with the demo data: through the imports and the
// use cases themselves, so that it obeys every rule. Times and ids are fixed.
func (d *DB) Demo(ctx context.Context) error {
	codes, err := DemoFile("codes.csv")
	if err != nil {
		return err
	}
	if _, err := d.ImportCodes(ctx, bytes.NewReader(codes)); err != nil {
		return err
	}
	for _, i := range DemoIdentities {
		in := CreateTokenInput{User: i.User, Groups: i.Groups, Confirmed: true, Token: i.Token}
		if _, _, err := d.CreateToken(ctx, in); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		name string
		kind konova.Kind
	}{
		{"interventions.json", konova.Intervention}, {"compensations.json", konova.Compensation}, {"ecoaccounts.json", konova.EcoAccount},
	} {
		if err := d.demoImport(ctx, f.name, f.kind); err != nil {
			return err
		}
	}
	user, err := d.UserByName(ctx, DemoIdentities[0].User)
	if err != nil {
		return err
	}
	_, err = d.create(ctx, user, konova.Entry{
		Kind: konova.Deduction, InterventionID: demoIntervention, EcoAccountID: demoAccount, Surface: "1000.0",
	}, konova.Origin{ID: demoDeduction, CreatedOn: time.Date(2022, 1, 12, 11, 37, 31, 580e6, time.UTC)})
	return err
}

func (d *DB) demoImport(ctx context.Context, name string, kind konova.Kind) error {
	file, err := DemoFile(name)
	if err != nil {
		return err
	}
	report, err := d.Import(ctx, bytes.NewReader(file), ImportOptions{Kind: kind, Users: []string{DemoIdentities[0].User}})
	if err == nil && report.Failed > 0 {
		err = fmt.Errorf("konovadb: demo file %s: %+v", name, report.Errors)
	}
	return err
}

// UserByName finds a user; NotFound/Missing.
func (d *DB) UserByName(ctx context.Context, name string) (konova.User, error) {
	var user konova.User
	err := d.DB.Read(ctx, func(tx *gorm.DB) error {
		row, err := store.First[userRow](tx, "name = ?", name)
		if err != nil {
			return err
		}
		user = row.fromDB()
		return nil
	})
	return user, err
}
