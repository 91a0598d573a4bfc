// Package gever holds what GEVER's objects are and may do: the types as one
// table of fields, containment, permissions and workflows, and the rules for
// ids, file names and reference numbers. From the table come the reading of
// input, the form of answers and the schemas that clients ask for; nothing is
// said twice. It knows no database and no HTTP: storage is package geverdb.
// handlers/gever and geverdb may import it; it imports golang.org/x/text,
// store/fault and what reads mails.
package gever

import (
	"time"
	_ "time/tzdata" // the zone of date-times must not depend on the machine
)

// Contract is the generation of the API that answers have (gever.md 0).
type Contract string

// The contracts. The zero value is the page's.
const (
	PageContract Contract = "page"
	LiveContract Contract = "live"
)

// Contracts are all contracts, the default first.
var Contracts = []Contract{PageContract, LiveContract}

// Settings are what an installation decides (gever.md 0.1, 2.2, 2.9).
type Settings struct {
	Contract       Contract       // the form of answers
	AdminUnit      string         // id of the admin unit and its only org unit, before ':' in oguids and tasks
	AdminUnitTitle string         // for people
	Abbreviation   string         // begins each reference number
	GroupedByThree bool           // reference numbers as 010.123.43-1.1-7 instead of 0.1.0.1.2.3.4.3 / 1.1 / 7
	FirstPrefix    string         // number of the first folder in a place; it holds a digit and no space
	Languages      []string       // enabled languages, the preferred one first; each needs its title
	Zone           *time.Location // of date-times in answers, and of "today"
	FolderDepth    int            // nested repository folders; 0 is unlimited
	DossierDepth   int            // levels of subdossiers under a main dossier
	StrictFiling   bool           // a dossier with subdossiers holds no documents and tasks of its own when it is resolved
	Blocked        []string       // file extensions that are refused, lower case without dot
	MaxUpload      int64          // bytes of a file that is streamed
	PrivateQuota   int64          // bytes of all files in a private folder; 0 is no limit
}

// DefaultSettings are those of the page and of the demo.
func DefaultSettings() Settings {
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		panic(err) // the zone data is part of the program
	}
	return Settings{
		Contract: PageContract, AdminUnit: "fd", AdminUnitTitle: "Finanzdirektion", Abbreviation: "FD", FirstPrefix: "1", Languages: []string{"de"},
		Zone: zone, FolderDepth: 3, DossierDepth: 1,
		MaxUpload: 2 << 30,
		Blocked:   []string{"bat", "cmd", "com", "cpl", "exe", "hta", "jar", "lnk", "msi", "pif", "ps1", "scr", "vbs", "wsf"},
	}
}

// Today is the date of now in the installation's zone.
func (s *Settings) Today(now time.Time) string { return now.In(s.Zone).Format(time.DateOnly) }

// Title is the name of the field that holds the title in the preferred
// language.
func (s *Settings) Title() string { return "title_" + s.Languages[0] }
