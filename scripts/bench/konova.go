package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"loket/store/konova/konovadb"
)

// konova is Konova's part: a register of 1,000 interventions of 2.1 kB, all
// shared with the one who asks; 100,000 of them in the large store.
var konova = api{
	name: "konova",
	fill: fillKonova,
	env:  []string{"LOKET_KONOVA_RATE=10000000", "LOKET_KONOVA_BURST=10000000", "LOKET_KONOVA_IN_FLIGHT=10000"},
	rows: []row{
		{name: "one entry", goal: .35, method: http.MethodGet, path: konovaList + "/" + konovaFirst, status: http.StatusOK},
		{name: "page of 5", goal: .25, method: http.MethodGet, path: konovaList + "?rpp=5", status: http.StatusOK},
		{name: "page of 50", goal: .14, method: http.MethodGet, path: konovaList + "?rpp=50", status: http.StatusOK},
		{name: "page of 500", goal: .15, method: http.MethodGet, path: konovaList + "?rpp=500", status: http.StatusOK},
		{name: "page 190 of 5", method: http.MethodGet, path: konovaList + "?rpp=5&p=190", status: http.StatusOK},
		{name: "new entry", goal: .05, method: http.MethodPost, path: konovaList, body: konovaBody, status: http.StatusCreated},
	},
	growth: []string{"one entry", "page of 5", "page of 50", "page of 500", "page 190 of 5"},
	// performance.md: page 20,000 costs at most twice what the first costs.
	deep:  []deep{{name: "page 20,000 of 5", path: konovaList + "?rpp=5&p=20000", first: konovaList + "?rpp=5", goal: 2}},
	first: konovaList + "/" + konovaFirst,
}

const (
	konovaList = "/api/konova/api/v1/intervention"
	// konovaFirst is the id that Generate gives its first entry under seed 1.
	konovaFirst = "9f6067c4-caa7-419a-9c89-39024892e324"
	konovaSeed  = 1
	konovaBody  = `{"type":"MultiPolygon","coordinates":[[[[7.593955993652341,50.36244809879689],[7.592582702636717,50.36023051515941],[7.601766586303708,50.35823186336356],[7.603225708007811,50.3628587510637],[7.599148750305174,50.362557606415464],[7.596273422241207,50.362612360130036],[7.593955993652341,50.36244809879689]]]],"properties":{"title":"Tolles Baugebiet","responsible":{"registration_office":1764986,"registration_file_number":"123","conservation_office":710138,"conservation_file_number":"5664","handler":{"type":"710185","detail":"Firma Mustermann"}},"legal":{"registration_date":"2021-12-27","binding_date":"2022-01-21","process_type":626841266,"laws":[710067]},"payments":[{"amount":1.0,"due_on":"2022-01-04","comment":""}]}}`
)

// fillKonova imports the demo's code lists and a generated register.
func fillKonova(ctx context.Context, s *server, large bool) (map[string]string, error) {
	codes, err := konovadb.DemoFile("codes.csv")
	if err != nil {
		return nil, err
	}
	lists, entries := filepath.Join(s.dir, "codes.csv"), filepath.Join(s.dir, "konova.geojson")
	if err := os.WriteFile(lists, codes, 0o600); err != nil {
		return nil, err
	}
	file, err := os.Create(entries)
	if err != nil {
		return nil, err
	}
	n := 1000
	if large {
		n *= 100
	}
	if err := konovadb.Generate(file, n, konovaSeed); err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	if _, err := s.command(ctx, "import", "konova-codes", lists); err != nil {
		return nil, err
	}
	token, err := s.command(ctx, "credential", "konova", "create", "--user", "bench", "--confirm")
	if err != nil {
		return nil, err
	}
	if _, err := s.command(ctx, "import", "konova", entries, "--user", "bench"); err != nil {
		return nil, err
	}
	if err := os.Remove(entries); err != nil {
		return nil, err
	}
	return map[string]string{"Kspuser": "bench", "Ksptoken": strings.TrimSpace(token)}, nil
}
