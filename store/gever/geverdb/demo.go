package geverdb

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"loket/store"
	"loket/store/gever"
)

// DemoIdentity is a user of the demo data; its password is public knowledge.
type DemoIdentity struct {
	User

	Password string
	Roles    []gever.Role
	Note     string
	hash     string // so that loading needs no hashing; the salt is public with the rest
}

// DemoIdentities exist only in a store that the demo filled.
var DemoIdentities = []DemoIdentity{
	{
		User:     User{ID: "john.doe", Login: "john.doe", Firstname: "John", Lastname: "Doe", Email: "john.doe@demo.example"},
		Password: "Demo-Gever-1!", Roles: []gever.Role{gever.Manager}, Note: "Manager",
		hash: "$argon2id$v=19$m=19456,t=2,p=1$bG9rZXQgZGVtbyBHZXZlcg$oCGBZ11+zrRSeiVnwlTbnNwmgjE1mLGMDUNuPVomVC4",
	},
	{
		User:     User{ID: "peter.muster", Login: "peter.muster", Firstname: "Peter", Lastname: "Muster", Email: "peter.muster@demo.example"},
		Password: "Demo-Muster-1!", Roles: []gever.Role{gever.Reader, gever.Contributor, gever.Editor, gever.Reviewer}, Note: "Reader, Contributor, Editor, Reviewer",
		hash: "$argon2id$v=19$m=19456,t=2,p=1$bG9rZXQgZGVtbyBNdXN0ZQ$YKUOIKb17w33UEIsLs/3CVuZcck9dc4xM3sJYhRol0E",
	},
	{
		User:     User{ID: "jane.leser", Login: "jane.leser", Firstname: "Jane", Lastname: "Leser", Email: "jane.leser@demo.example"},
		Password: "Demo-Leser-1!", Roles: []gever.Role{gever.Reader}, Note: "Reader",
		hash: "$argon2id$v=19$m=19456,t=2,p=1$bG9rZXQgZGVtbyBMZXNlcg$hjQRC8Kr39HBq5aa7iYLb8usMASU//nZOeSZwt6UMkM",
	},
}

// demoGroups are the groups of the demo data: everybody in the unit, and who
// empties its inbox.
var demoGroups = []NewGroup{
	{Group: Group{ID: "fd_users", Title: "Finanzdirektion"}, Members: []string{"jane.leser", "john.doe", "peter.muster"}},
	{Group: Group{ID: "fd_inbox_users", Title: "Eingangskorb der Finanzdirektion"}, Members: []string{"john.doe"}},
}

// demoObject is one object of the demo data.
type demoObject struct {
	path     string
	kind     string
	title    string
	uid      string // "" makes one of the path's place in the list
	state    string // "" is the first of its workflow
	part     string
	sequence int64
	modified string // "" is created
	values   gever.Values
}

// demoCreated is when everything in the demo data was made: the page's time.
const demoCreated = "2016-01-08T09:51:40+01:00"

func demoFolder(title, prefix string) gever.Values {
	return gever.Values{
		"title_de": title, "reference_number_prefix": prefix, "allow_add_businesscase_dossier": true,
		"respect_max_subdossier_depth_restriction": true, "classification": "unprotected", "privacy_layer": "privacy_layer_no",
		"public_trial": "unchecked", "retention_period": 5, "archival_value": "unchecked", "custody_period": 30,
	}
}

func demoDossier(title, responsible, archival string) gever.Values {
	return gever.Values{
		"title": title, "responsible": responsible, "start": "2016-01-08", "archival_value": archival, "classification": "unprotected",
		"custody_period": 30, "privacy_layer": "privacy_layer_no", "public_trial": "unchecked", "retention_period": 5, "extend_local_roles": false,
	}
}

func demoDocument(title string) gever.Values {
	return gever.Values{
		"title": title, "classification": "unprotected", "privacy_layer": "privacy_layer_no", "public_trial": "unchecked",
		"document_date": "2016-01-08", "preserved_as_paper": true,
	}
}

// demoObjects are the page's dossier with its documents, and what else the
// demo needs; parents before children, siblings in their order.
var demoObjects = []demoObject{
	{path: "ordnungssystem", kind: gever.RootType, title: "Ordnungssystem", values: gever.Values{"title_de": "Ordnungssystem"}},
	{path: "ordnungssystem/fuehrung", kind: gever.FolderType, title: "Führung", part: "1", values: demoFolder("Führung", "1")},
	{
		path: "ordnungssystem/fuehrung/dossier-23", kind: gever.DossierType, title: "Ein Geschäftsdossier", uid: "66395be6595b4db29a3282749ed50302",
		sequence: 23, modified: "2016-01-19T11:15:22+01:00", values: demoDossier("Ein Geschäftsdossier", "john.doe", "not archival worthy"),
	},
	{path: "ordnungssystem/fuehrung/dossier-23/document-259", kind: gever.DocumentType, title: "Ein Dokument", sequence: 259, values: demoDocument("Ein Dokument")},
	{path: "ordnungssystem/fuehrung/dossier-23/document-260", kind: gever.DocumentType, title: "Ein weiteres Dokument", sequence: 260, values: demoDocument("Ein weiteres Dokument")},
	{path: "ordnungssystem/fuehrung/dossier-42", kind: gever.DossierType, title: "Dossier 42", sequence: 42, values: demoDossier("Dossier 42", "john.doe", "unchecked")},
	{path: "ordnungssystem/finanzen", kind: gever.FolderType, title: "Finanzen", part: "2", values: demoFolder("Finanzen", "2")},
	{path: "ordnungssystem/finanzen/rechnungswesen", kind: gever.FolderType, title: "Rechnungswesen", part: "1", values: demoFolder("Rechnungswesen", "1")},
	{
		path: "ordnungssystem/finanzen/rechnungswesen/dossier-21", kind: gever.DossierType, title: "Jahresrechnung", part: "1", sequence: 21,
		values: demoDossier("Jahresrechnung", "peter.muster", "unchecked"),
	},
	{
		path: "ordnungssystem/finanzen/rechnungswesen/dossier-21/task-1", kind: gever.TaskType, title: "Jahresrechnung prüfen", sequence: 1,
		values: gever.Values{
			"title": "Jahresrechnung prüfen", "issuer": "john.doe", "task_type": "direct-execution", "responsible": "fd:peter.muster",
			"responsible_client": "fd", "deadline": "2016-01-15", "is_private": false, "revoke_permissions": true,
		},
	},
	{
		path: "ordnungssystem/finanzen/rechnungswesen/dossier-22", kind: gever.DossierType, title: "Jahresrechnung 2015", part: "2", sequence: 22,
		state: gever.DossierResolved, values: demoDossier("Jahresrechnung 2015", "peter.muster", "unchecked"),
	},
}

// demoCounters stand so that the next dossier is dossier-24 and the next
// document document-261, as on the page.
var demoCounters = map[string]int64{"dossier": 23, "document": 260, "task": 1}

// Demo fills an empty store with the demo data.
func (d *DB) Demo(ctx context.Context) error {
	for _, i := range DemoIdentities {
		if err := d.CreateUser(ctx, NewUser{User: i.User, Hash: i.hash, Roles: i.Roles}); err != nil {
			return err
		}
	}
	for _, g := range demoGroups {
		if err := d.CreateGroup(ctx, g); err != nil {
			return err
		}
	}
	return d.DB.InTx(ctx, func(tx *gorm.DB) error {
		rows := map[string]*objectRow{"": {ID: siteID}}
		for i := range demoObjects {
			if err := d.demo(tx, rows, &demoObjects[i]); err != nil {
				return err
			}
		}
		for name, value := range demoCounters {
			if err := tx.Create(&counterRow{Name: name, Value: value}).Error; err != nil {
				return store.Translate(err)
			}
		}
		if err := demoSaid(tx, rows[demoTalk].ID); err != nil {
			return err
		}
		for _, row := range rows {
			if err := tx.Model(&objectRow{}).Where("id = ?", row.ID).Updates(map[string]any{
				"children": row.Children, "folders": row.Folders, "first_folder": row.FirstFolder,
				"highest": row.Highest, "last_prefix": row.LastPrefix, "last_dossier": row.LastDossier,
			}).Error; err != nil {
				return store.Translate(err)
			}
		}
		return nil
	})
}

// demoTalk is the dossier about which something is said.
const demoTalk = "ordnungssystem/fuehrung/dossier-23"

// demoSaid gives the page's dossier a comment, somebody who takes part, and an
// entry in its journal.
func demoSaid(tx *gorm.DB, dossier int64) error {
	at := demoTime(demoCreated)
	for _, row := range []any{
		&responseRow{ObjectID: dossier, Kind: gever.CommentResponse, Text: "Bitte prüfen.", Creator: "john.doe", CreatedAt: at, Details: "{}"},
		&participationRow{ObjectID: dossier, Participant: "peter.muster", Roles: "regard"},
		&journalRow{ObjectID: dossier, Category: "phone-call", Comment: "Frau Meier bittet um Aufschub.", Actor: "john.doe", At: at, Documents: "[]"},
	} {
		if err := tx.Create(row).Error; err != nil {
			return store.Translate(err)
		}
	}
	return nil
}

func (d *DB) demo(tx *gorm.DB, rows map[string]*objectRow, o *demoObject) error {
	parentPath, name := "", o.path
	if i := strings.LastIndexByte(o.path, '/'); i >= 0 {
		parentPath, name = o.path[:i], o.path[i+1:]
	}
	parent, t := rows[parentPath], gever.TypeOf(o.kind)
	created, modified := demoTime(demoCreated), demoTime(demoCreated)
	if o.modified != "" {
		modified = demoTime(o.modified)
	}
	row := &objectRow{
		UID: o.uid, ParentID: parent.ID, Name: name, Path: o.path, Type: o.kind, Title: o.title, State: t.Workflow.Initial, Position: parent.Children,
		Sequence: o.sequence, Part: o.part, Fields: textOf(o.values), Creator: "john.doe", CreatedAt: created, ModifiedAt: modified, ChangedAt: modified,
		Touched: d.Settings.Today(modified.Time), Revision: 1, Version: 1,
	}
	if o.state != "" {
		row.State = o.state
	}
	if row.UID == "" {
		row.UID = demoUID(len(rows))
	}
	if o.part != "" {
		s, err := d.spot(tx, "", parentPath)
		if err != nil {
			return err
		}
		row.Reference = d.reference(s, t, o.part)
	}
	if err := tx.Create(row).Error; err != nil {
		return store.Translate(err)
	}
	rows[o.path] = row
	d.demoParent(parent, row)
	if o.part != "" {
		if err := d.numbered(tx, t, row); err != nil {
			return err
		}
	}
	return d.demoHistory(tx, t, row)
}

// demoParent counts a child in its parent's figures.
func (d *DB) demoParent(parent, row *objectRow) {
	if row.Type == gever.FolderType {
		parent.FirstFolder = parent.FirstFolder || parent.Children == 0
		parent.Folders++
		parent.Highest, parent.LastPrefix = number(row.Part), row.Part
	} else if row.Part != "" {
		parent.LastDossier = number(row.Part)
	}
	parent.Children++
}

func (d *DB) demoHistory(tx *gorm.DB, t *gever.Type, row *objectRow) error {
	steps := []historyRow{{ObjectID: row.ID, Actor: "john.doe", State: t.Workflow.Initial, Title: "Erstellt", At: row.CreatedAt}}
	if row.State == gever.DossierResolved {
		steps = append(steps, historyRow{
			ObjectID: row.ID, Action: gever.ResolveDossier, Actor: "john.doe", State: row.State, Title: "Abschliessen", At: row.ModifiedAt,
		})
	}
	return store.Translate(tx.Create(&steps).Error)
}

func demoTime(s string) store.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err) // a constant of this file
	}
	return store.At(t)
}

// demoUID is the same in each run.
func demoUID(n int) string {
	return "0000000000000000000000000000d0" + string("0123456789abcdef"[n/16]) + string("0123456789abcdef"[n%16])
}
