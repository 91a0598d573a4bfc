package handlers

import (
	"context"
	"crypto/rand"
	"slices"

	"loket/handlers/capo"
	"loket/handlers/gever"
	"loket/handlers/konova"
	"loket/handlers/mount"
	"loket/handlers/plooi"
	"loket/handlers/vemap"
	"loket/store"
	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/capo/capodb"
	"loket/store/gever/geverdb"
	"loket/store/konova/konovadb"
	"loket/store/outbox"
	"loket/store/plooi/plooidb"
	"loket/store/settings"
	"loket/store/vemap/vemapdb"
)

// Room is one API with what main runs beside its requests.
type Room struct {
	API   mount.API
	Owner blobs.Owner // says which blobs the API still needs
	// Sweep removes what has run out (files never uploaded, old sessions); nil
	// when there is nothing of the kind.
	Sweep func(context.Context) (int, error)
	// Work is what the API does beside requests, until its context ends: it
	// then leaves what it has in hand to its next start. Nil when there is
	// nothing of the kind.
	Work func(context.Context)
}

// rooms is the list of APIs: the one line to add for another.
var rooms = []struct {
	name       string
	open       func(Deps) Room
	migrations func() []store.Migration
}{
	{capodb.API, capoRoom, capodb.Migrations},
	{vemapdb.API, vemapRoom, vemapdb.Migrations},
	{konovadb.API, konovaRoom, konovadb.Migrations},
	{plooidb.API, plooiRoom, plooidb.Migrations},
	{geverdb.API, geverRoom, geverdb.Migrations},
}

func capoRoom(d Deps) Room {
	db := capodb.New(capodb.Deps{
		DB: d.DB, Accounts: d.Accounts, Blobs: d.Blobs, Tickets: d.Tickets, IDs: d.IDs, Now: d.Clock, Log: d.Log,
		UploadGeldig: d.Config.UploadValid,
	})
	return Room{API: capo.New(capo.Deps{DB: db, Accounts: d.Accounts, Now: d.Clock, Limits: capo.Rates}), Owner: db, Sweep: db.Ruim}
}

func vemapRoom(d Deps) Room {
	db := vemapdb.New(vemapdb.Deps{
		DB: d.DB, Blobs: d.Blobs, Now: d.Clock, Entropy: rand.Reader, Log: d.Log, Key: d.Config.VEMAP.Key, Wake: d.Mailed,
	})
	api := vemap.New(vemap.Deps{DB: db, Now: d.Clock, Limits: vemap.Rates, ChallengeHTTP200: d.Config.VEMAP.ChallengeHTTP200})
	return Room{API: api, Owner: db, Sweep: db.Sweep}
}

func konovaRoom(d Deps) Room {
	db := konovadb.New(konovadb.Deps{DB: d.DB, Now: d.Clock, Entropy: rand.Reader, Log: d.Log})
	return Room{API: konova.New(konova.Deps{
		DB: db, Now: d.Clock, Limits: konova.Rates, StandardRPP: d.Config.Konova.RPP, MaxRPP: d.Config.Konova.MaxRPP,
	})}
}

func plooiRoom(d Deps) Room {
	set := d.Config.PLOOI
	if d.Config.PublicURL != "" {
		set.DemoOrigin = d.Config.PublicURL
	}
	db := plooidb.New(plooidb.Deps{DB: d.DB, Blobs: d.Blobs, IDs: d.IDs, Now: d.Clock, Log: d.Log, Instellingen: set})
	return Room{API: plooi.New(plooi.Deps{DB: db, Accounts: d.Accounts, Limits: plooi.Rates}), Owner: db, Work: db.Work}
}

func geverRoom(d Deps) Room {
	db := geverdb.New(geverdb.Deps{DB: d.DB, Blobs: d.Blobs, Now: d.Clock, Log: d.Log, Settings: d.Config.GEVER})
	return Room{API: gever.New(gever.Deps{DB: db, Limits: gever.Rates}), Owner: db, Sweep: db.Sweep}
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
	all := slices.Concat(settings.Migrations(), accounts.Migrations(), blobs.Migrations(), outbox.Migrations())
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
