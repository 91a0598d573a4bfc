package main

import (
	"slices"
	"strings"
	"time"

	"loket/store/gever"
)

// GEVERConfig is what can be set for GEVER; the defaults are the page's and
// those of the demo.
type GEVERConfig struct {
	Contract     string   `env:"CONTRACT" envDefault:"page" text:"GEVER: page: answers are those of its page; live: those of the running system"`
	Languages    []string `env:"LANGUAGES" envDefault:"de" text:"GEVER: enabled languages of titles, comma-separated, the preferred one first: de, fr, en"`
	Timezone     string   `env:"TIMEZONE" envDefault:"Europe/Zurich" text:"GEVER: zone of date-times in answers and of today's date"`
	AdminUnit    string   `env:"ADMIN_UNIT" envDefault:"fd" text:"GEVER: id of the admin unit, in oguids and before the users of tasks"`
	UnitTitle    string   `env:"ADMIN_UNIT_TITLE" envDefault:"Finanzdirektion" text:"GEVER: name of the admin unit, the title of the root"`
	Abbreviation string   `env:"ABBREVIATION" envDefault:"FD" text:"GEVER: what every reference number begins with"`
	Reference    string   `env:"REFERENCE" envDefault:"dotted" text:"GEVER: form of reference numbers: dotted (FD 1.2 / 3.1 / 7) or grouped_by_three (FD 12-3.1-7); what has a number keeps it"`
	FirstPrefix  string   `env:"FIRST_PREFIX" envDefault:"1" text:"GEVER: number of the first repository folder in a place, as 0, 10 or 01; the next counts on"`
	FolderDepth  int      `env:"FOLDER_DEPTH" envDefault:"3" text:"GEVER: how deep repository folders may nest; 0 is no limit"`
	DossierDepth int      `env:"DOSSIER_DEPTH" envDefault:"1" text:"GEVER: levels of subdossiers below a dossier"`
	StrictFiling bool     `env:"STRICT_FILING" envDefault:"false" text:"GEVER: a dossier with subdossiers is resolved only when it holds no documents and tasks of its own"`
	MaxUpload    int64    `env:"MAX_UPLOAD" envDefault:"2147483648" text:"GEVER: largest file in bytes that comes in parts or as a form"`
	PrivateQuota int64    `env:"PRIVATE_QUOTA" envDefault:"0" text:"GEVER: how many bytes of files a private folder may hold; 0 is no limit"`
	Rate         float64  `env:"RATE" envDefault:"50" text:"GEVER: requests a second of one user, on average; 0 is no limit"`
	Burst        int      `env:"BURST" envDefault:"200" text:"GEVER: requests that may come at once"`
	InFlight     int      `env:"IN_FLIGHT" envDefault:"20" text:"GEVER: requests of one user at the same time; 0 is no limit"`
}

// wrong says what cannot be used, every variable by its name; "" when all can.
func (c GEVERConfig) wrong() string {
	var bad []string
	refuse := func(is bool, name, rule string) {
		if is {
			bad = append(bad, "LOKET_GEVER_"+name+" "+rule)
		}
	}
	refuse(!slices.Contains(gever.Contracts, gever.Contract(c.Contract)), "CONTRACT", "must be page or live")
	unknown := func(l string) bool { return l != "de" && l != "fr" && l != "en" }
	refuse(len(c.Languages) == 0 || slices.ContainsFunc(c.Languages, unknown), "LANGUAGES", "must be of de, fr and en")
	_, err := time.LoadLocation(c.Timezone)
	refuse(err != nil || c.Timezone == "" || c.Timezone == "Local", "TIMEZONE", "must be a zone as Europe/Zurich")
	refuse(c.AdminUnit == "", "ADMIN_UNIT", "must not be empty")
	refuse(c.Abbreviation == "", "ABBREVIATION", "must not be empty")
	refuse(c.Reference != "dotted" && c.Reference != "grouped_by_three", "REFERENCE", "must be dotted or grouped_by_three")
	refuse(!gever.ValidFirstPrefix(c.FirstPrefix), "FIRST_PREFIX", "must hold a digit, have at most 32 characters, and no spaces")
	refuse(c.FolderDepth < 0, "FOLDER_DEPTH", "must not be negative")
	refuse(c.DossierDepth < 0, "DOSSIER_DEPTH", "must not be negative")
	refuse(c.Rate < 0, "RATE", "must not be negative")
	refuse(c.Burst < 0 || c.Rate > 0 && c.Burst == 0, "BURST", "must be at least 1 when LOKET_GEVER_RATE limits")
	refuse(c.InFlight < 0, "IN_FLIGHT", "must not be negative")
	refuse(c.MaxUpload < 1, "MAX_UPLOAD", "must be at least 1")
	refuse(c.PrivateQuota < 0, "PRIVATE_QUOTA", "must not be negative")
	return strings.Join(bad, ", ")
}

// settings are those of a checked config.
func (c GEVERConfig) settings() gever.Settings {
	s := gever.DefaultSettings()
	if zone, err := time.LoadLocation(c.Timezone); err == nil {
		s.Zone = zone
	}
	s.Contract = gever.Contract(c.Contract)
	s.Languages, s.AdminUnit, s.AdminUnitTitle, s.Abbreviation = c.Languages, c.AdminUnit, c.UnitTitle, c.Abbreviation
	s.FolderDepth, s.DossierDepth, s.StrictFiling = c.FolderDepth, c.DossierDepth, c.StrictFiling
	s.MaxUpload, s.PrivateQuota, s.FirstPrefix = c.MaxUpload, c.PrivateQuota, c.FirstPrefix
	s.GroupedByThree = c.Reference == "grouped_by_three"
	return s
}
