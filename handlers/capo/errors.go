package capo

import (
	"net/http"

	"loket/handlers/problem"
	"loket/store/capo"
	"loket/store/fault"
)

// table is how CAPO shows failures: RFC 9457 with the stable codes of contract
// 3.1. What is not here has the house's Dutch wording, status and code.
func table() problem.Table {
	return problem.Table{
		Language:  "nl",
		Challenge: `Bearer realm="capo"`,
		Entries: map[fault.Reason]problem.Entry{
			fault.BadPath:           {Code: "ongeldig_id", Title: "Ongeldig id", Detail: "Een id in het adres is niet 24 hexadecimale tekens."},
			fault.BadHeader:         {Code: "ongeldige_parameter"},
			fault.EmptyBody:         {Code: "validatie"},
			fault.BrokenBody:        {Code: "validatie"},
			fault.AddressInvalid:    {Code: "upload_ongeldig", Title: "Uploadadres ongeldig", Detail: "Dit uploadadres is onbekend of verlopen; maak een nieuw bestand aan."},
			fault.AddressUsed:       {Code: "upload_gebruikt", Title: "Uploadadres al gebruikt", Detail: "Via dit uploadadres is al een bestand ontvangen."},
			fault.Stale:             {Code: "bezet"},
			fault.StoreUnavailable:  {Status: http.StatusInternalServerError, Code: "interne_fout", Title: "Interne fout", Detail: "Er ging iets mis aan onze kant."},
			capo.NietToegewezen:     {Title: "Niet toegewezen", Code: string(capo.NietToegewezen)},
			capo.NietBeoordelaar:    {Title: "Niet de beoordelaar", Code: string(capo.NietBeoordelaar)},
			capo.AlleenNetbeheerder: {Title: "Alleen voor netbeheerders", Code: string(capo.AlleenNetbeheerder)},
			capo.OngeldigeOvergang:  {Title: "Ongeldige overgang", Code: string(capo.OngeldigeOvergang)},
			capo.AlOpgeleverd:       {Title: "Al opgeleverd", Code: string(capo.AlOpgeleverd)},
			capo.GeenBestand:        {Title: "Geen bestand", Code: string(capo.GeenBestand)},
			capo.QuickscanAfgerond:  {Title: "Quickscan afgerond", Code: string(capo.QuickscanAfgerond)},
			capo.AlGemeld:           {Title: "Al gemeld", Code: string(capo.AlGemeld)},
			capo.NietInIntake:       {Title: "Niet in Intake", Code: string(capo.NietInIntake)},
			capo.BestandsnaamBezet:  {Title: "Bestandsnaam bestaat", Code: string(capo.BestandsnaamBezet)},
		},
	}
}
