package konova_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type collection struct {
	Type                          string
	NumberReturned, NumberMatched int
	TimeStamp                     string
	Links                         []struct{ Href, Rel, Type string }
	Features                      []feature
}

type feature struct {
	Type, ID   string
	Geometry   struct{ Type string }
	Properties map[string]any
	Links      []any
}

func (c collection) link(rel string) string {
	for _, l := range c.Links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

func (c collection) ids() []string {
	ids := []string{}
	for _, f := range c.Features {
		ids = append(ids, f.ID)
	}
	return ids
}

func TestGeoJSON(t *testing.T) {
	r := open(t)
	got := r.get(iv + "?f=geojson&rpp=2")
	var c collection
	got.JSON(t, &c)
	if got.Header.Get("Content-Type") != "application/geo+json" || got.Header.Get("Content-Crs") != "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>" {
		t.Errorf("%v", got.Header)
	}
	if c.Type != "FeatureCollection" || c.NumberReturned != 2 || c.NumberMatched != 3 || c.TimeStamp == "" || !slices.Equal(c.ids(), []string{iv3, iv1}) {
		t.Errorf("%+v", c)
	}
	want := map[string]any{
		"registration_office_name": "Stadt Koblenz", "registration_file_number": "123", "conservation_office_name": "ST Koblenz", "conservation_file_number": "5664",
		"handler_type_name": "Sonstige und private Träger", "handler_detail": "Firma Mustermann234", "process_type_name": "Bebauungsplan",
		"law_names": "Bauordnung von Rheinland-Pfalz", "registration_date": "2021-12-27", "binding_date": "2022-01-21", "identifier": "EIV-012022-B9E08J",
	}
	for name, v := range want {
		if c.Features[1].Properties[name] != v {
			t.Errorf("%s is %v, want %v", name, c.Features[1].Properties[name], v)
		}
	}
	if _, nested := c.Features[1].Properties["responsible"].(map[string]any); !nested {
		t.Error("the nested members stay")
	}
	next := c.link("next")
	if next != "http://loket.test"+iv+"/?rpp=2&p=2&f=geojson" {
		t.Errorf("next %s", next)
	}
	c = collection{}
	r.ask(http.StatusOK, http.MethodGet, next, basic("demo", "demo-ksp-token"), nil).JSON(t, &c)
	if !slices.Equal(c.ids(), []string{iv2}) || c.link("next") != "" {
		t.Errorf("%+v", c)
	}
	var f feature
	one := r.get(iv + "/" + iv3 + "?f=geojson")
	one.JSON(t, &f)
	if f.Type != "Feature" || f.ID != iv3 || f.Geometry.Type != "MultiPolygon" || f.Properties["process_type_name"] != "Abstimmung" {
		t.Errorf("%+v", f)
	}
	if tag := r.get(iv + "/" + iv3).Header.Get("ETag"); tag == one.Header.Get("ETag") {
		t.Error("both forms have one ETag")
	}
	r.ask(http.StatusBadRequest, http.MethodGet, iv+"?f=shape", demo, nil)
	r.ask(http.StatusBadRequest, http.MethodGet, iv+"/"+iv3+"?f=geojsonseq", demo, nil)
	r.ask(http.StatusBadRequest, http.MethodGet, v1+"/deduction?f=geojson", demo, nil)
	for _, kind := range []string{"compensation", "ecoaccount"} {
		var c collection
		r.get(v1+"/"+kind+"?f=geojson&rpp=10").JSON(t, &c)
		if len(c.Features) == 0 {
			t.Errorf("no %s", kind)
		}
	}
}

func TestBoxes(t *testing.T) {
	r := open(t)
	r.post("intervention", titled("ohne Geometrie"))
	far := r.post("intervention", geometry(`[[[[8,49],[8.001,49],[8.001,49.001],[8,49]]]]`))
	for box, want := range map[string][]string{
		"7.59,50.35,7.61,50.37": {iv3, iv1, iv2}, "7.59,50.35,0,7.61,50.37,1000": {iv3, iv1, iv2}, "7.999,48.9,8.1,49.1": {far},
		"-180,-90,180,90": {iv3, iv1, iv2, far}, "10,50,11,51": {}, "7.6031,50.3582,7.6033,50.3584": {}, // a corner of the box that the ring leaves out
		"170,-90,7.7,90": {iv3, iv1, iv2},
	} {
		if diff := cmp.Diff(want, parse(t, r.get(iv+"?rpp=10&bbox="+box)).IDs); diff != "" {
			t.Errorf("bbox %s: %s", box, diff)
		}
	}
	for _, bad := range []string{"", "1,2,3", "1,2,3,4,5", "a,b,c,d", "7,51,8,50", "7,50,181,51", "1,2,3,4,5,6,7"} {
		got := r.ask(http.StatusBadRequest, http.MethodGet, iv+"?bbox="+bad, demo, nil)
		if places(t, got) != "bbox" {
			t.Errorf("bbox %s: %s", bad, got.Body)
		}
	}
	e := parse(t, r.get(iv+"?rpp=2&bbox=7,50,8,51"))
	if len(e.IDs) != 2 || *e.Next != "http://loket.test"+iv+"/?rpp=2&p=2&bbox=7,50,8,51" {
		t.Errorf("%+v", e)
	}
	if e := parse(t, r.get(*e.Next)); !slices.Equal(e.IDs, []string{iv2}) || e.Next != nil {
		t.Errorf("%+v", e)
	}
}

func TestTextSequence(t *testing.T) {
	r := open(t)
	want := r.generate(250)
	got := r.get(iv + "?f=geojsonseq&rpp=1")
	if got.Header.Get("Content-Type") != "application/geo+json-seq" {
		t.Error(got.Header.Get("Content-Type"))
	}
	var ids []string
	for i, part := range bytes.Split(got.Body, []byte{0x1e}) {
		if i == 0 {
			if len(part) > 0 {
				t.Errorf("begins with %q", part)
			}
			continue
		}
		var f feature
		if err := json.Unmarshal(part, &f); err != nil || part[len(part)-1] != '\n' {
			t.Fatalf("%v in %s", err, part)
		}
		ids = append(ids, f.ID)
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Error(diff)
	}
	if n := bytes.Count(r.get(iv+"?f=geojsonseq&bbox=7.59,50.35,7.61,50.37").Body, []byte{0x1e}); n < 3 || n > 50 {
		t.Errorf("%d in the box", n)
	}
}

func TestOGC(t *testing.T) {
	r := open(t)
	ids := r.generate(30)
	links := func(path string) map[string]string {
		t.Helper()
		var l struct {
			Links []struct{ Href, Rel string }
		}
		r.get(path).JSON(t, &l)
		out := map[string]string{}
		for _, one := range l.Links {
			out[one.Rel] = one.Href
		}
		return out
	}
	landing := links(root + "/ogc")
	for _, rel := range []string{"self", "conformance", "data", "service-desc", "service-doc"} {
		if landing[rel] == "" {
			t.Errorf("no link %s", rel)
		}
	}
	for _, rel := range []string{"service-desc", "service-doc"} {
		r.ask(http.StatusOK, http.MethodGet, landing[rel], nil, nil)
	}
	if body := string(r.get(landing["conformance"]).Body); !strings.Contains(body, "conf/core") || !strings.Contains(body, "conf/geojson") {
		t.Error(body)
	}
	var all struct {
		Collections []struct {
			ID     string
			Extent *struct{ Spatial struct{ Bbox [][]float64 } }
			Links  []struct{ Href, Rel string }
		}
	}
	r.get(landing["data"]).JSON(t, &all)
	if len(all.Collections) != 4 || all.Collections[0].ID != "intervention" || all.Collections[0].Extent == nil || all.Collections[3].Extent != nil {
		t.Errorf("%+v", all)
	}
	items := links(root + "/ogc/collections/intervention")["items"]
	var seen []string
	for next, pages := items+"?limit=7", 0; next != ""; pages++ {
		var c collection
		r.get(next).JSON(t, &c)
		if c.NumberMatched != 33 || c.NumberReturned != len(c.Features) || pages > 5 {
			t.Fatalf("%+v", c)
		}
		seen, next = append(seen, c.ids()...), c.link("next")
	}
	if diff := cmp.Diff(ids, seen); diff != "" {
		t.Error(diff)
	}
	var c collection
	r.get(items).JSON(t, &c)
	if len(c.Features) != 10 {
		t.Errorf("%d by default", len(c.Features))
	}
	c = collection{}
	r.get(items+"?limit=2&bbox=7.59,50.35,7.61,50.37").JSON(t, &c)
	if len(c.Features) != 2 || c.NumberMatched < 3 || !strings.Contains(c.link("next"), "limit=2&offset=2&bbox=7.59,50.35,7.61,50.37") {
		t.Errorf("%+v", c)
	}
	var f feature
	r.get(items+"/"+iv3).JSON(t, &f)
	if f.ID != iv3 || len(f.Links) != 1 {
		t.Errorf("%+v", f)
	}
	for path, status := range map[string]int{
		"/ogc/collections/deduction": 404, "/ogc/collections/x/items": 404, "/ogc/collections/x/items/" + iv3: 404, "/ogc/collections/intervention/items/" + nobody: 404,
		"/ogc/collections/ema/items/" + iv3: 404, "/ogc/collections/intervention/items/x": 400, "/ogc/collections/intervention/items?limit=0": 400,
		"/ogc/collections/intervention/items?offset=-1": 400, "/ogc/collections/intervention/items?bbox=1": 400, "/ogc/collections/" + strings.Repeat("x", 65): 400,
	} {
		r.ask(status, http.MethodGet, root+path, demo, nil)
	}
}
