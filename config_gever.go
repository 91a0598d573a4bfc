package main

import (
	"fmt"
	"slices"
	"time"

	"loket/store/gever"
)

// GEVERConfig is what can be set for GEVER; the defaults are the page's and
// those of the demo.
type GEVERConfig struct {
	Languages    []string `env:"LANGUAGES" envDefault:"de" text:"GEVER: enabled languages of titles, comma-separated, the preferred one first: de, fr, en"`
	Timezone     string   `env:"TIMEZONE" envDefault:"Europe/Zurich" text:"GEVER: zone of date-times in answers and of today's date"`
	AdminUnit    string   `env:"ADMIN_UNIT" envDefault:"fd" text:"GEVER: id of the admin unit, in oguids and before the users of tasks"`
	UnitTitle    string   `env:"ADMIN_UNIT_TITLE" envDefault:"Finanzdirektion" text:"GEVER: name of the admin unit, the title of the root"`
	Abbreviation string   `env:"ABBREVIATION" envDefault:"FD" text:"GEVER: what every reference number begins with"`
	Reference    string   `env:"REFERENCE" envDefault:"dotted" text:"GEVER: form of reference numbers: dotted (FD 1.2 / 3.1 / 7) or grouped_by_three (FD 12-3.1-7); what has a number keeps it"`
	FolderDepth  int      `env:"FOLDER_DEPTH" envDefault:"3" text:"GEVER: how deep repository folders may nest; 0 is no limit"`
	DossierDepth int      `env:"DOSSIER_DEPTH" envDefault:"1" text:"GEVER: levels of subdossiers below a dossier"`
	StrictFiling bool     `env:"STRICT_FILING" envDefault:"false" text:"GEVER: a dossier with subdossiers is resolved only when it holds no documents and tasks of its own"`
}

// check says what cannot be used.
func (c GEVERConfig) check() error {
	if _, err := time.LoadLocation(c.Timezone); err != nil || c.Timezone == "" || c.Timezone == "Local" {
		return fmt.Errorf("no time zone %q", c.Timezone)
	}
	if c.Reference != "dotted" && c.Reference != "grouped_by_three" {
		return fmt.Errorf("reference numbers %q: dotted or grouped_by_three", c.Reference)
	}
	unknown := func(l string) bool { return l != "de" && l != "fr" && l != "en" }
	if len(c.Languages) == 0 || slices.ContainsFunc(c.Languages, unknown) || c.AdminUnit == "" || c.Abbreviation == "" || c.FolderDepth < 0 || c.DossierDepth < 0 {
		return fmt.Errorf("languages %v, admin unit %q, abbreviation %q", c.Languages, c.AdminUnit, c.Abbreviation)
	}
	return nil
}

// settings are those of a checked config.
func (c GEVERConfig) settings() gever.Settings {
	s := gever.DefaultSettings()
	if zone, err := time.LoadLocation(c.Timezone); err == nil {
		s.Zone = zone
	}
	s.Languages, s.AdminUnit, s.AdminUnitTitle, s.Abbreviation = c.Languages, c.AdminUnit, c.UnitTitle, c.Abbreviation
	s.FolderDepth, s.DossierDepth, s.StrictFiling = c.FolderDepth, c.DossierDepth, c.StrictFiling
	s.GroupedByThree = c.Reference == "grouped_by_three"
	return s
}
