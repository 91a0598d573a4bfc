package handlers

import (
	"context"
	"slices"

	"loket/handlers/capo"
	"loket/handlers/mount"
	"loket/store"
	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/capo/capodb"
)

// Room is one API with what main runs beside its requests.
type Room struct {
	API   mount.API
	Owner blobs.Owner // says which blobs the API still needs
	// Sweep removes what has run out (files never uploaded, old sessions); nil
	// when there is nothing of the kind.
	Sweep func(context.Context) (int, error)
}

// rooms is the list of APIs: the one line to add for another.
var rooms = []struct {
	name       string
	open       func(Deps) Room
	migrations func() []store.Migration
}{
	{capodb.API, capoRoom, capodb.Migrations},
}

func capoRoom(d Deps) Room {
	db := capodb.New(capodb.Deps{
		DB: d.DB, Accounts: d.Accounts, Blobs: d.Blobs, Tickets: d.Tickets, IDs: d.IDs, Now: d.Clock, Log: d.Log,
		UploadGeldig: d.Config.UploadValid,
	})
	return Room{API: capo.New(capo.Deps{DB: db, Accounts: d.Accounts, Now: d.Clock, Limits: capo.Rates}), Owner: db, Sweep: db.Ruim}
}

// Rooms opens all APIs over the stores of d; d.APIs is not looked at.
func Rooms(d Deps) []Room {
	out := make([]Room, len(rooms))
	for i, r := range rooms {
		out[i] = r.open(d)
	}
	return out
}

// APIs are the APIs of Rooms(d), for Deps.APIs.
func APIs(d Deps) []mount.API {
	var out []mount.API
	for _, r := range Rooms(d) {
		out = append(out, r.API)
	}
	return out
}

// Names are the names of all APIs: what a credential can be granted.
func Names() []string {
	names := make([]string, len(rooms))
	for i, r := range rooms {
		names[i] = r.name
	}
	return names
}

// Migrations are those of the house and of every API, in the order in which
// they refer to each other.
func Migrations() []store.Migration {
	all := slices.Concat(accounts.Migrations(), blobs.Migrations())
	for _, r := range rooms {
		all = append(all, r.migrations()...)
	}
	return all
}

// LoadDemo loads each API's demo data into an empty store.
func LoadDemo(ctx context.Context, apis []mount.API) error {
	for _, a := range apis {
		if a.Demo == nil {
			continue
		}
		if err := a.Demo(ctx); err != nil {
			return err
		}
	}
	return nil
}
