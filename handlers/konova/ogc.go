package konova

import (
	"context"
	"slices"
	"strconv"
	"strings"

	api "loket/gen/konova"
	"loket/store/fault"
	"loket/store/konova"
	"loket/store/konova/konovadb"
)

// The facade by OGC API Features Part 1 (issue: QGIS and OGR's OAPIF driver
// page through it by themselves).
const (
	ogcLimit = 10 // features of a page where nobody says
	crsURI   = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	plain    = "application/json"
)

var titles = map[konova.Kind]string{
	konova.Intervention: "Eingriffe", konova.Compensation: "Kompensationen",
	konova.EcoAccount: "Ökokonten", konova.EMA: "Maßnahmen aus Ersatzzahlungen (EMA)",
}

func (s *server) GetOgcLanding(ctx context.Context, _ api.GetOgcLandingRequestObject) (api.GetOgcLandingResponseObject, error) {
	text := "Das Kompensationsverzeichnis als OGC API Features, nur lesend; Schreiben geht über /api/v1."
	return api.GetOgcLanding200JSONResponse{Title: "Konova", Description: &text, Links: []api.Link{
		link(here(ctx, "/ogc"), "self", plain),
		link(here(ctx, "/openapi.json"), "service-desc", "application/vnd.oai.openapi+json;version=3.0"),
		link(here(ctx, "/documentation/"), "service-doc", "text/html"),
		link(here(ctx, "/ogc/conformance"), "conformance", plain),
		link(here(ctx, "/ogc/collections"), "data", plain),
	}}, nil
}

func (s *server) GetOgcConformance(context.Context, api.GetOgcConformanceRequestObject) (api.GetOgcConformanceResponseObject, error) {
	const class = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
	return api.GetOgcConformance200JSONResponse{ConformsTo: []string{class + "core", class + "geojson", class + "oas30"}}, nil
}

func (s *server) ListOgcCollections(ctx context.Context, _ api.ListOgcCollectionsRequestObject) (api.ListOgcCollectionsResponseObject, error) {
	out := api.ListOgcCollections200JSONResponse{Links: []api.Link{link(here(ctx, "/ogc/collections"), "self", plain)}}
	for _, kind := range konova.GeometryKinds {
		c, err := s.collectionOf(ctx, kind)
		if err != nil {
			return nil, err
		}
		out.Collections = append(out.Collections, c)
	}
	return out, nil
}

func (s *server) GetOgcCollection(ctx context.Context, r api.GetOgcCollectionRequestObject) (api.GetOgcCollectionResponseObject, error) {
	kind, err := kindOf(r.CollectionID)
	if err != nil {
		return nil, err
	}
	c, err := s.collectionOf(ctx, kind)
	return api.GetOgcCollection200JSONResponse(c), err
}

func (s *server) ListOgcItems(ctx context.Context, r api.ListOgcItemsRequestObject) (api.ListOgcItemsResponseObject, error) {
	kind, err := kindOf(r.CollectionID)
	if err != nil {
		return nil, err
	}
	box, err := bboxOf(r.Params.Bbox)
	if err != nil {
		return nil, err
	}
	limit, offset := int64(min(ogcLimit, s.MaxRPP)), int64(0)
	if r.Params.Limit != nil {
		limit = min(int64(*r.Params.Limit), int64(s.MaxRPP))
	}
	if r.Params.Offset != nil {
		offset = int64(*r.Params.Offset)
	}
	l := listing{s: s, ctx: ctx, kind: kind, form: geoJSON, box: box, base: here(ctx, "/ogc/collections/"+string(kind)+"/items")}
	l.query = konovadb.Query{Offset: offset, Limit: limit + 1, Bbox: box}
	l.self = l.window(limit, offset)
	l.next = func() string { return l.window(limit, offset+limit) }
	return l.answer(nil)
}

// window is the address of a piece of a collection.
func (l *listing) window(limit, offset int64) string {
	out := l.base + "?limit=" + strconv.FormatInt(limit, 10) + "&offset=" + strconv.FormatInt(offset, 10)
	if l.box != nil {
		out += "&bbox=" + l.box.String()
	}
	return out
}

func (s *server) GetOgcItem(ctx context.Context, r api.GetOgcItemRequestObject) (api.GetOgcItemResponseObject, error) {
	kind, err := kindOf(r.CollectionID)
	if err != nil {
		return nil, err
	}
	row, err := s.DB.Get(ctx, caller(ctx), kind, strings.ToLower(r.FeatureID))
	if err != nil {
		return nil, err
	}
	links := []byte(`[{"href":`)
	links = konova.AppendString(links, here(ctx, "/ogc/collections/"+string(kind)+"/items/"+row.ID))
	links = append(links, `,"rel":"self","type":"application/geo+json"}]`...)
	return answer{form: geoJSON, etag: entryTag(row.Num, row.Rev, geoJSON), parts: [3][]byte{konova.AppendFeature(nil, row.ID, row.Document, links)}}, nil
}

// kindOf finds a collection; NotFound/Missing.
func kindOf(collection string) (konova.Kind, error) {
	kind := konova.Kind(collection)
	if !slices.Contains(konova.GeometryKinds, kind) {
		return "", fault.New(fault.NotFound, fault.Missing, "")
	}
	return kind, nil
}

func (s *server) collectionOf(ctx context.Context, kind konova.Kind) (api.OgcCollection, error) {
	title, itemType, crs := titles[kind], "feature", []string{crsURI}
	base := "/ogc/collections/" + string(kind)
	out := api.OgcCollection{ID: string(kind), Title: &title, ItemType: &itemType, Crs: &crs, Links: []api.Link{
		link(here(ctx, base), "self", plain),
		link(here(ctx, base+"/items"), "items", mediaTypes[geoJSON]),
	}}
	b, ok, err := s.DB.Extent(ctx, caller(ctx), kind)
	if err == nil && ok {
		out.Extent = extentToAPI(b)
	}
	return out, err
}
