package main

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"loket/handlers"
	"loket/store"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// apiGEVER is GEVER's part: 1,000 documents in dossiers of 50, of which 40 have
// one rare word in their title; 100,000 of them in the large store, in as many
// folders.
var apiGEVER = api{
	name: "gever",
	fill: fillGEVER,
	env:  []string{"LOKET_GEVER_RATE=10000000", "LOKET_GEVER_BURST=10000000", "LOKET_GEVER_IN_FLIGHT=10000"},
	rows: []row{
		{name: "one document", method: http.MethodGet, path: geverDossier + "/document-100000", status: http.StatusOK},
		{name: "container, 25 of 50", method: http.MethodGet, path: geverDossier, status: http.StatusOK},
		{name: "listing, 25 documents", method: http.MethodGet, path: geverListing, status: http.StatusOK},
		{name: "search, 25 of 40 hits", method: http.MethodGet, path: geverSearch + geverdb.GeneratedWord, status: http.StatusOK},
		{name: "navigation, 110 folders", method: http.MethodGet, path: geverRoot + "/@navigation", status: http.StatusOK},
	},
	growth: []string{"one document", "container, 25 of 50", "navigation, 110 folders"},
	// A search may cost three times what a listing costs, whatever it finds.
	deep: []deep{
		{name: "search of 40 hits to listing", path: geverSearch + geverdb.GeneratedWord, first: geverListing, goal: 3},
		{name: "search of 100,000 hits to it", path: "/api/gever/@search?b_size=25&SearchableText=" + geverdb.GeneratedCommon, first: geverListing, goal: 3},
		{name: "the same below a root to it", path: geverSearch + geverdb.GeneratedCommon, first: geverListing, goal: 3},
		{name: "search from the root to listing", path: "/api/gever/@search?SearchableText=" + geverdb.GeneratedWord, first: geverListing, goal: 3},
		{name: "navigation to a container", path: geverRoot + "/@navigation", first: geverDossier, goal: 10},
	},
	first: geverDossier,
}

const (
	geverRoot    = "/api/gever/" + geverdb.GeneratedRoot
	geverDossier = "/api/gever/" + geverdb.GeneratedDossier
	geverListing = geverRoot + "/@listing?name=documents"
	geverSearch  = geverRoot + "/@search?SearchableText="
	geverSeed    = 1
)

// fillGEVER loads the demo, for its users, and generated documents.
func fillGEVER(ctx context.Context, s *server, large bool) (header map[string]string, err error) {
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(s.dir, "data", "loket.db"), URL: s.url, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx, handlers.Migrations()); err != nil {
		return nil, err
	}
	g := geverdb.New(geverdb.Deps{DB: db, Now: time.Now, Settings: gever.DefaultSettings()})
	if err := g.Demo(ctx); err != nil {
		return nil, err
	}
	n := 1000
	if large {
		n *= 100
	}
	if err := g.Generate(ctx, n, geverSeed); err != nil {
		return nil, err
	}
	manager := geverdb.DemoIdentities[0]
	return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(manager.Login+":"+manager.Password))}, nil
}
