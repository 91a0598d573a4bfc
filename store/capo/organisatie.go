package capo

// Soort is the kind of an organisation. The page knows netbeheerders and
// aannemers; the combi comes from the public wiki.
type Soort string

// The kinds of organisation.
const (
	Netbeheerder Soort = "netbeheerder"
	Aannemer     Soort = "aannemer"
	Combi        Soort = "combi"
)

// Soorten lists every Soort.
var Soorten = []Soort{Netbeheerder, Aannemer, Combi}

// Discipline is the kind of network of a product.
type Discipline string

// The disciplines: water is on the wiki, E, G and W on the site of one of the
// combis; media and warmte are decided.
const (
	Elektriciteit Discipline = "elektriciteit"
	Gas           Discipline = "gas"
	Water         Discipline = "water"
	Media         Discipline = "media"
	Warmte        Discipline = "warmte"
)

// Disciplines lists every Discipline.
var Disciplines = []Discipline{Elektriciteit, Gas, Water, Media, Warmte}

// Organisatie is a party that CAPO knows. Its id is the one of its credentials.
type Organisatie struct {
	OrganisatieID string
	Naam          string
	Soort         Soort
	Disciplines   []Discipline
}
