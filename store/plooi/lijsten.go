package plooi

import (
	_ "embed" // the value lists
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// waardelijstenJSON holds each list with its source and version. An identifier
// without a scheme is relative to the list's basis. One list serves and is
// enforced (D33): documentsoorten is the union of the two that the original
// had, with the served label where both have one.
//
//go:embed waardelijsten.json
var waardelijstenJSON []byte

// Waarde is one entry of a list.
type Waarde struct {
	Identifier string
	Waarde     string // name
	Breder     string // identifier of the parent in the TOP-lijst; "" at the top
	Type       string // overheid:Gemeente, ... of the enriched record; "" when there is none
}

// Lijst is a value list.
type Lijst struct {
	Soort, Versie, Bron string
	Waarden             []Waarde
}

// The sorts of lists.
const (
	Gemeenten           = "gemeenten"
	Caribisch           = "caribische_openbare_lichamen"
	Ministeries         = "ministeries"
	Overige             = "overige_overheidsorganisaties"
	Provincies          = "provincies"
	Waterschappen       = "waterschappen"
	Documentsoorten     = "documentsoorten"
	Filetypes           = "filetypes"
	Talen               = "talen"
	Documenthandelingen = "documenthandelingen"
	Toplijst            = "toplijst"
)

// organisaties are the lists of publishers, in the order in which a name is
// looked up (1.8).
var organisaties = []string{Ministeries, Gemeenten, Provincies, Overige, Waterschappen, Caribisch}

// Lijsten are all value lists, with a map for each, made once.
type Lijsten struct {
	soorten []Lijst
	lijst   map[string]*Lijst            // by sort
	waarden map[string]map[string]Waarde // by sort, by identifier
	org     map[string]Waarde            // all organisations, by identifier
}

// LeesLijsten gives the lists of this program; they are read when first asked
// for, and never change.
var LeesLijsten = sync.OnceValue(func() *Lijsten {
	l, err := leesLijsten(waardelijstenJSON)
	if err != nil {
		panic("plooi: " + err.Error()) // the file is part of the program, and a test reads it
	}
	return l
})

func leesLijsten(text []byte) (*Lijsten, error) {
	var in []struct {
		Soort, Versie, Bron, Type, Basis string
		Waarden                          [][]string
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, fmt.Errorf("read the value lists: %w", err)
	}
	l := &Lijsten{lijst: map[string]*Lijst{}, waarden: map[string]map[string]Waarde{}, org: map[string]Waarde{}}
	l.soorten = make([]Lijst, len(in))
	for i, e := range in {
		lijst := &l.soorten[i]
		*lijst = Lijst{Soort: e.Soort, Versie: e.Versie, Bron: e.Bron}
		l.lijst[e.Soort], l.waarden[e.Soort] = lijst, map[string]Waarde{}
		for _, w := range e.Waarden {
			v := Waarde{Identifier: absoluut(e.Basis, w[0]), Waarde: w[1], Type: e.Type}
			if len(w) > 2 {
				v.Breder = absoluut(e.Basis, w[2])
			}
			lijst.Waarden = append(lijst.Waarden, v)
			l.waarden[e.Soort][v.Identifier] = v
		}
	}
	for _, soort := range organisaties {
		for id, w := range l.waarden[soort] {
			l.org[id] = w
		}
	}
	return l, nil
}

func absoluut(basis, id string) string {
	if strings.Contains(id, "://") {
		return id
	}
	return basis + id
}

// Alle are the lists in their order.
func (l *Lijsten) Alle() []Lijst { return l.soorten }

// Lijst finds a list by its sort, in any case.
func (l *Lijsten) Lijst(soort string) (*Lijst, bool) {
	found, ok := l.lijst[strings.ToLower(soort)]
	return found, ok
}

// Waarde finds a value by its identifier.
func (l *Lijsten) Waarde(soort, identifier string) (Waarde, bool) {
	w, ok := l.waarden[soort][identifier]
	return w, ok
}

// Organisatie finds a publisher in any of the six lists.
func (l *Lijsten) Organisatie(identifier string) (Waarde, bool) {
	w, ok := l.org[identifier]
	return w, ok
}

// Heeft tells whether a list has an identifier: the form that a schema asks of
// a member by its format.
func (l *Lijsten) Heeft(soort string) func(string) bool {
	return func(identifier string) bool {
		_, ok := l.Waarde(soort, identifier)
		return ok
	}
}

// HeeftOrganisatie is Heeft over all organisations.
func (l *Lijsten) HeeftOrganisatie(identifier string) bool {
	_, ok := l.Organisatie(identifier)
	return ok
}

// CodeVan finds the code of an organisation by its name: the exact label
// first, then the first label that holds the name in any case, or with which
// the name begins (D13). False when there is none.
func (l *Lijsten) CodeVan(naam string) (string, bool) {
	for _, past := range []func(label string) bool{
		func(label string) bool { return label == naam },
		func(label string) bool {
			return strings.Contains(strings.ToLower(label), strings.ToLower(naam)) || strings.HasPrefix(naam, label)
		},
	} {
		for _, soort := range organisaties {
			for _, w := range l.lijst[soort].Waarden {
				if past(w.Waarde) {
					return Code(w.Identifier), true
				}
			}
		}
	}
	return "", false
}
