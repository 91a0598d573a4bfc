package konovadb

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// Generate writes a FeatureCollection of n interventions for the bench and for
// trials of the import: the same for the same seed, each of about 2.1 kB as
// GET shows it, spread over Rhineland-Palatinate, a minute apart. Its codes
// are those of the demo data.
func Generate(w io.Writer, n int, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // no secret: figures for a bench
	out := bufio.NewWriterSize(w, 1<<16)
	if _, err := out.WriteString(`{"type":"FeatureCollection","features":[`); err != nil {
		return err
	}
	at := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		if i > 0 {
			_ = out.WriteByte(',') // Flush tells of every error before
		}
		feature(out, random, i, at.Add(time.Duration(i)*time.Minute))
	}
	_, _ = out.WriteString("\n]}\n") // as above
	return out.Flush()
}

func feature(out io.Writer, random *rand.Rand, i int, at time.Time) {
	var id uuid.UUID
	for b := range id {
		id[b] = byte(random.Uint32()) //nolint:gosec // any eight bits
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	moment := at.Format("2006-01-02T15:04:05.000Z")
	_, _ = fmt.Fprintf(out, `
{"type":"Feature","id":%q,"geometry":{"type":"MultiPolygon","coordinates":[[[`, id)
	lon, lat := 6.2+2.2*random.Float64(), 49.0+1.9*random.Float64()
	first := ""
	const corners = 12
	for c := range corners {
		angle, r := 2*math.Pi*float64(c)/corners, 0.002+0.002*random.Float64()
		p := fmt.Sprintf("[%.15g,%.15g]", lon+r*math.Cos(angle), lat+r*math.Sin(angle)*0.64)
		if c == 0 {
			first = p
		}
		_, _ = io.WriteString(out, p+",")
	}
	_, _ = fmt.Fprintf(out, `%s]]]},"properties":{"id":%q,"title":"Baugebiet %d, Bebauungsplan Nr. %d der Gemeinde","created_on":%q,"modified_on":%q,
"responsible":{"registration_office":1764986,"registration_file_number":"%d-%d","conservation_office":710138,"conservation_file_number":"%d",
"handler":{"type":%d,"detail":"Firma Mustermann %d, Abteilung Erschließung und Grundstücksentwicklung, Koblenz"}},
"legal":{"registration_date":"2021-12-27","binding_date":"2022-01-21","process_type":626841266,"laws":[710067,684,643]},
"payments":[{"amount":%d.%02d,"due_on":"2022-01-04","comment":"Ersatzzahlung nach Bescheid, erste Rate"},{"amount":%d.5,"due_on":null,"comment":"Restbetrag nach Abnahme der Maßnahme"}]}}`,
		first, id, i, random.IntN(400), moment, moment, 2000+random.IntN(30), random.IntN(9999), random.IntN(99999),
		[]int{567, 789, 4673}[random.IntN(3)], random.IntN(5000), random.IntN(90000), random.IntN(100), random.IntN(9000))
}
