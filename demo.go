package main

import (
	"context"
	"fmt"

	"loket/handlers"
	"loket/store/settings"
)

// The setting that says whether the demo filled this store: demoLoading while
// it does, so that a load that was cut off is seen.
const (
	demoSetting = "demo"
	demoLoading = "loading"
	demoLoaded  = "loaded"
)

// allowed tells whether this store is, or is about to be, one with demo data,
// and refuses to show such a store to the network: its identities are public
// knowledge.
func (s *stores) allowed(ctx context.Context, c *Config) (demo bool, err error) {
	state, err := settings.Get(ctx, s.db, demoSetting)
	if err != nil {
		return false, err
	}
	if state == "" && c.Demo {
		empty, err := s.empty(ctx)
		if err != nil {
			return false, err
		}
		if !empty {
			s.log.Warn("the store is in use, so --demo leaves it alone; the demo data need a --data folder of their own")
			return false, nil
		}
	}
	if state == demoLoading {
		return false, usagef("the demo data were not loaded to the end: remove %s and start again", c.where())
	}
	demo = state == demoLoaded || c.Demo
	if demo && !loopback(c.Addr) && !c.DemoAnywhere {
		return false, usagef("the store holds demo data, whose identities are public knowledge, and %s can be reached from elsewhere: "+
			"use a loopback address (--addr 127.0.0.1:8080), another --data, or --demo-anywhere if you mean it", c.Addr)
	}
	return demo, nil
}

// where is the place of the database, for people, without its password.
func (c *Config) where() string {
	if c.DatabaseURL != "" {
		return "the database"
	}
	return c.databasePath()
}

// empty tells whether nobody has used the store yet.
func (s *stores) empty(ctx context.Context) (bool, error) {
	orgs, err := s.accounts.Organisations(ctx)
	if err != nil || len(orgs) > 0 {
		return false, err
	}
	used, err := s.vemap().Used(ctx)
	return !used, err
}

// loadDemo fills an empty store, once.
func (s *stores) loadDemo(ctx context.Context, rooms []handlers.Room) error {
	state, err := settings.Get(ctx, s.db, demoSetting)
	if err != nil || state == demoLoaded {
		return err
	}
	if err := settings.Put(ctx, s.db, demoSetting, demoLoading); err != nil {
		return err
	}
	for _, r := range rooms {
		if r.API.Demo == nil {
			continue
		}
		if err := r.API.Demo(ctx); err != nil {
			return fmt.Errorf("demo data of %s: %w", r.API.Name, err)
		}
	}
	return settings.Put(ctx, s.db, demoSetting, demoLoaded)
}
