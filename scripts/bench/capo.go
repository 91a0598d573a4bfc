package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// The ids of CAPO's rows: its first project, and the organisation that asks.
const (
	capoFirstProject = "62c7d0a1eb277e1b79000000"
	capoOwn          = "62c7cf00eb277e1b79000001"
	capoOther        = "62c7cf00eb277e1b79000002"
	capoArea         = "62c7cf00eb277e1b79000301"
	capoContainers   = 10 // of one project
)

// capo is CAPO's part: an organisation with a thousand containers in a hundred
// projects; in the large store others have 99,000 more.
var capo = api{
	name: "capo",
	fill: fillCAPO,
	env:  []string{"LOKET_CAPO_RATE=10000000", "LOKET_CAPO_BURST=10000000", "LOKET_CAPO_IN_FLIGHT=10000"},
	rows: []row{
		{name: "small object", goal: .40, method: http.MethodGet, path: "/api/capo/project/" + capoFirstProject, status: http.StatusOK},
		{
			name: "write", goal: .05, method: http.MethodPost, path: capoWrite(0), body: capoFile("0"), status: http.StatusCreated,
			lua: capoWriteLua, vary: func(n int64) (string, string) { return capoWrite(int(n)), capoFile(fmt.Sprintf("0-%d", n)) },
		},
		{name: "documentation.json", goal: .80, method: http.MethodGet, path: "/api/capo/documentation.json", status: http.StatusOK},
		{name: "documentation.json, gzip", goal: .80, method: http.MethodGet, path: "/api/capo/documentation.json", gzip: true, status: http.StatusOK},
		{name: "list, 50 rows", method: http.MethodGet, path: "/api/capo/bijlageassigned?limit=50", status: http.StatusOK},
		{name: "list, 500 rows", method: http.MethodGet, path: "/api/capo/bijlageassigned?limit=500", status: http.StatusOK},
	},
	growth: []string{"small object", "list, 50 rows", "list, 500 rows"},
	first:  "/api/capo/project/" + capoFirstProject,
}

func capoProject(i int) string    { return fmt.Sprintf("62c7d0a1eb277e1b79%06x", i) }
func capoContainer(i int) string  { return fmt.Sprintf("62c7d159eb277e1b79%06x", i) }
func capoFile(name string) string { return `{"bestandsnaam":"Tekening ` + name + `.pdf"}` }
func capoWrite(container int) string {
	i := container % (100 * capoContainers)
	return "/api/capo/project/" + capoProject(i/capoContainers) + "/bijlageassigned/" + capoContainer(i) + "/bijlage"
}

// capoWriteLua asks for another name each time, in another container: RUN is
// the number of the stretch, id that of wrk's thread.
const capoWriteLua = `
local threads = 0
function setup(thread) thread:set("id", threads) threads = threads + 1 end
local n = 0
function request()
  n = n + 1
  local i = (n * 2 + id) % 1000
  return wrk.format(nil, string.format("/api/capo/project/62c7d0a1eb277e1b79%06x/bijlageassigned/62c7d159eb277e1b79%06x/bijlage", math.floor(i / 10), i),
    nil, string.format('{"bestandsnaam":"Tekening %d-%d-%d.pdf"}', RUN, id, n))
end
`

// fillCAPO imports projects and makes a credential.
func fillCAPO(ctx context.Context, s *server, large bool) (map[string]string, error) {
	type object = map[string]any
	projects := 100
	if large {
		projects *= 100
	}
	in := object{
		"organisaties": []object{
			{"organisatieId": capoOwn, "naam": "Aannemer", "soort": "aannemer", "disciplines": []string{}},
			{"organisatieId": capoOther, "naam": "Andere aannemer", "soort": "aannemer", "disciplines": []string{}},
		},
		"gebieden": []object{{"gebiedId": capoArea, "naam": "Gebied", "combi": "Combi", "wekenNaWerkvoorbereiding": 3}},
	}
	list := make([]object, projects)
	for i := range list {
		owner := capoOwn
		if i >= 100 {
			owner = capoOther
		}
		containers := make([]object, capoContainers)
		for j := range containers {
			containers[j] = object{
				"bijlageAssignedId": capoContainer(i*capoContainers + j), "documentsoort": "Tekening", "organisatieId": owner,
				"processtap": "Intake", "requiresReview": false, "opleverdatum": "2029-12-17",
			}
		}
		list[i] = object{
			"projectId": capoProject(i), "projecttype": "aansluiting", "typeAanvraag": "Aanvraag", "typeWerk": "Nieuwbouw", "gebiedId": capoArea,
			"adres":  object{"straat": "Kerkstraat", "huisnummer": "16", "postcode": "1017 GL", "plaats": "Amsterdam", "gemeente": "Amsterdam"},
			"labels": []string{"spoed"}, "datumAangevraagd": "2022-07-08", "wensweek": "2030-W01", "processtap": "Intake", "bijlageassigned": containers,
		}
	}
	in["projecten"] = list
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(s.dir, "capo.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	if _, err := s.command(ctx, "import", "capo", file); err != nil {
		return nil, err
	}
	token, err := s.command(ctx, "credential", "create", "--organisation", capoOwn, "--api", "capo")
	if err != nil {
		return nil, err
	}
	return map[string]string{"Authorization": "Bearer " + strings.TrimSpace(token)}, nil
}
