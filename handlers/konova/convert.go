package konova

import (
	api "loket/gen/konova"
	"loket/store/konova"
)

func checkToAPI(r konova.CheckResult) api.CheckResult {
	var out api.CheckResult
	out.Success = r.Success()
	out.Details.Intervention = checkedToAPI(r.Intervention)
	out.Details.Compensations = []api.CheckedEntry{}
	for _, c := range r.Compensations {
		out.Details.Compensations = append(out.Details.Compensations, checkedToAPI(c))
	}
	return out
}

func checkedToAPI(c konova.Checked) api.CheckedEntry {
	if c.Errors == nil {
		c.Errors = []string{}
	}
	return api.CheckedEntry{ID: c.ID, Errors: c.Errors}
}

func extentToAPI(b konova.Bbox) *api.OgcExtent {
	return &api.OgcExtent{Spatial: api.OgcSpatialExtent{
		Bbox: [][]float64{{b.MinLon, b.MinLat, b.MaxLon, b.MaxLat}}, Crs: crsURI,
	}}
}
