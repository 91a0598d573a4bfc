package gever

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	api "loket/gen/gever"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// ListSiteTypes lists the types at the root.
func (s *server) ListSiteTypes(ctx context.Context, _ api.ListSiteTypesRequestObject) (api.ListSiteTypesResponseObject, error) {
	return s.types(ctx, "")
}

// ListTypes lists the types in a container.
func (s *server) ListTypes(ctx context.Context, r api.ListTypesRequestObject) (api.ListTypesResponseObject, error) {
	return s.types(ctx, r.Path)
}

func (s *server) types(ctx context.Context, path string) (*answer, error) {
	addable, err := s.db.Types(ctx, caller(ctx), path)
	if err != nil {
		return nil, err
	}
	out := []any{}
	for _, t := range gever.Types() {
		out = append(out, map[string]any{"@id": address(ctx, path) + "/@types/" + t.Name, "title": gever.Titled(s.asked(ctx), t.Title), "addable": addable[t.Name]})
	}
	return ok(out)
}

// GetSiteType is the schema of a type at the root.
func (s *server) GetSiteType(ctx context.Context, r api.GetSiteTypeRequestObject) (api.GetSiteTypeResponseObject, error) {
	return s.schemaOf(ctx, "", r.Type)
}

// GetSiteSchema is the same.
func (s *server) GetSiteSchema(ctx context.Context, r api.GetSiteSchemaRequestObject) (api.GetSiteSchemaResponseObject, error) {
	return s.schemaOf(ctx, "", r.Type)
}

// GetType is the schema of a type in a container.
func (s *server) GetType(ctx context.Context, r api.GetTypeRequestObject) (api.GetTypeResponseObject, error) {
	return s.schemaOf(ctx, r.Path, r.Type)
}

// GetSchemaOf is the same.
func (s *server) GetSchemaOf(ctx context.Context, r api.GetSchemaOfRequestObject) (api.GetSchemaOfResponseObject, error) {
	return s.schemaOf(ctx, r.Path, r.Type)
}

// GetSchema is the schema of an object's own type.
func (s *server) GetSchema(ctx context.Context, r api.GetSchemaRequestObject) (api.GetSchemaResponseObject, error) {
	o, err := s.db.Look(ctx, caller(ctx), r.Path)
	if err != nil {
		return nil, err
	}
	return ok(s.schema(o.Type, s.sources(ctx, r.Path, "")))
}

// GetSchemaOfSite is the schema of the root.
func (s *server) GetSchemaOfSite(ctx context.Context, _ api.GetSchemaOfSiteRequestObject) (api.GetSchemaOfSiteResponseObject, error) {
	o, err := s.db.Look(ctx, caller(ctx), "")
	if err != nil {
		return nil, err
	}
	return ok(s.schema(o.Type, s.sources(ctx, "", "")))
}

func (s *server) schemaOf(ctx context.Context, path, name string) (*answer, error) {
	if _, err := s.db.Look(ctx, caller(ctx), path); err != nil {
		return nil, err
	}
	t := gever.TypeOf(name)
	if t == nil || t.Name == gever.SiteType {
		return nil, gever.Missing()
	}
	return ok(s.schema(t, s.sources(ctx, path, name)))
}

// sources are the addresses of the values of fields: at an object, for its own
// type or for another, that is to be created there.
type sources struct{ at, kind, language string }

// sources are those of a path, for the named type or, without a name, the
// object's own.
func (s *server) sources(ctx context.Context, path, kind string) sources {
	if kind != "" {
		kind += "/"
	}
	return sources{at: address(ctx, path), kind: kind, language: s.asked(ctx)}
}

func (s sources) of(endpoint, field string) string {
	return s.at + "/" + endpoint + "/" + s.kind + field
}

// schemaKinds are the JSON types of the kinds of fields, with what tells them
// apart.
var schemaKinds = map[gever.Kind]map[string]any{
	gever.Text: {"type": "string"}, gever.Names: {"type": "string"}, gever.Lines: {"type": "string", "widget": "textarea"},
	gever.Int: {"type": "integer"}, gever.Float: {"type": "number"}, gever.Bool: {"type": "boolean"},
	gever.Date: {"type": "string", "format": "date", "widget": "date"}, gever.DateTime: {"type": "string", "format": "date-time", "widget": "datetime"},
	gever.Strings: {"type": "array", "items": map[string]any{"type": "string"}}, gever.Choice: {"type": "string"}, gever.IntChoice: {"type": "integer"},
	gever.Terms: {"type": "array", "items": map[string]any{"type": "string"}}, gever.User: {"type": "string"},
	gever.Users: {"type": "array", "items": map[string]any{"type": "string"}}, gever.TaskUser: {"type": "string"},
	gever.Relation: {"type": "array", "items": map[string]any{"type": "string"}}, gever.File: {"type": "object", "widget": "file"},
	gever.RichText: {"type": "string", "widget": "richtext"}, gever.Object: {"type": "object"}, gever.Slots: {"type": "object"}, gever.Checklist: {"type": "object"},
}

// schema writes a type's fields as JSON Schema.
func (s *server) schema(t *gever.Type, from sources) map[string]any {
	out := s.jsonSchema(t.Fields, from)
	out["title"], out["type"] = gever.Titled(from.language, t.Title), "object"
	return out
}

func (s *server) jsonSchema(fields []gever.Field, from sources) map[string]any {
	properties, required, order := map[string]any{}, []any{}, []any{}
	for i := range fields {
		f := &fields[i]
		if !f.In(s.settings.Contract) {
			continue
		}
		properties[f.Name] = s.property(f, from)
		order = append(order, f.Name)
		if f.Required || f.Kind == gever.Names && s.enabled(f) {
			required = append(required, f.Name)
		}
	}
	return map[string]any{
		"properties": properties, "required": required,
		"fieldsets": []any{map[string]any{"behavior": "plone", "fields": order, "id": "default", "title": gever.Titled(from.language, "Standard")}},
	}
}

// enabled tells of titles that every object of the type must have (gever.md
// 2.2).
func (s *server) enabled(f *gever.Field) bool {
	return slices.Contains(s.settings.Languages, strings.TrimPrefix(f.Name, "title_"))
}

func (s *server) property(f *gever.Field, from sources) map[string]any {
	p := map[string]any{"title": gever.Titled(from.language, f.Title)}
	for k, v := range schemaKinds[f.Kind] {
		p[k] = v
	}
	if f.Vocabulary != "" {
		p["vocabulary"] = map[string]any{"@id": from.of("@sources", f.Name)}
		var enum, titles []any
		for _, term := range s.settings.Terms(f.Vocabulary) {
			enum, titles = append(enum, tokenOf(f, term)), append(titles, term.In(from.language))
		}
		p["enum"], p["enumNames"] = enum, titles
	}
	if f.Kind.OfUsers() {
		p["querysource"] = map[string]any{"@id": from.of("@querysources", f.Name)}
	}
	if f.Max > 0 {
		p["maxLength"] = f.Max
	}
	if f.ReadOnly {
		p["readonly"] = true
	}
	if f.Value != nil {
		p["default"] = f.Value
	}
	return p
}

func tokenOf(f *gever.Field, t gever.Term) any {
	if f.Kind == gever.IntChoice {
		if n, err := strconv.Atoi(t.Token); err == nil {
			return n
		}
	}
	return t.Token
}

// GetVocabulary lists the values of a field of the object.
func (s *server) GetVocabulary(ctx context.Context, r api.GetVocabularyRequestObject) (api.GetVocabularyResponseObject, error) {
	return s.values(ctx, r.Path, "@vocabularies", "", r.Field, window(r.Params.BStart, r.Params.BSize))
}

// GetVocabularyOf lists the values of a field of a type that is to be created.
func (s *server) GetVocabularyOf(ctx context.Context, r api.GetVocabularyOfRequestObject) (api.GetVocabularyOfResponseObject, error) {
	return s.values(ctx, r.Path, "@vocabularies", r.Type, r.Field, window(r.Params.BStart, r.Params.BSize))
}

// GetSource lists the values of a field of the object.
func (s *server) GetSource(ctx context.Context, r api.GetSourceRequestObject) (api.GetSourceResponseObject, error) {
	return s.values(ctx, r.Path, "@sources", "", r.Field, window(r.Params.BStart, r.Params.BSize))
}

// GetSourceOf lists the values of a field of a type that is to be created.
func (s *server) GetSourceOf(ctx context.Context, r api.GetSourceOfRequestObject) (api.GetSourceOfResponseObject, error) {
	return s.values(ctx, r.Path, "@sources", r.Type, r.Field, window(r.Params.BStart, r.Params.BSize))
}

// GetSiteVocabulary lists the values of a field of a type at the root.
func (s *server) GetSiteVocabulary(ctx context.Context, r api.GetSiteVocabularyRequestObject) (api.GetSiteVocabularyResponseObject, error) {
	return s.values(ctx, "", "@vocabularies", r.Type, r.Field, window(r.Params.BStart, r.Params.BSize))
}

// GetSiteSource lists the values of a field of a type at the root.
func (s *server) GetSiteSource(ctx context.Context, r api.GetSiteSourceRequestObject) (api.GetSiteSourceResponseObject, error) {
	return s.values(ctx, "", "@sources", r.Type, r.Field, window(r.Params.BStart, r.Params.BSize))
}

// values answers with the terms of a field of the object's own type, or of the
// named one.
func (s *server) values(ctx context.Context, path, endpoint, name, field string, w geverdb.Window) (*answer, error) {
	o, err := s.db.Look(ctx, caller(ctx), path)
	if err != nil {
		return nil, err
	}
	t, place := o.Type, []string{address(ctx, path), endpoint, field}
	if name != "" {
		t, place = gever.TypeOf(name), []string{address(ctx, path), endpoint, name, field}
	}
	if t == nil || t.Field(field) == nil || t.Field(field).Vocabulary == "" {
		return nil, gever.Missing()
	}
	return s.terms(ctx, strings.Join(place, "/"), s.settings.Terms(t.Field(field).Vocabulary), w)
}

// terms is a page of values.
func (s *server) terms(ctx context.Context, id string, all []gever.Term, w geverdb.Window) (*answer, error) {
	total, language, items := int64(len(all)), s.asked(ctx), []any{}
	for _, term := range all[min(w.Start, total):min(w.Start+w.Size, total)] {
		items = append(items, choice(term.Token, term.In(language)))
	}
	return listed(ctx, id, items, total, w)
}

// GetQuerysource searches the values of a field of the object.
func (s *server) GetQuerysource(ctx context.Context, r api.GetQuerysourceRequestObject) (api.GetQuerysourceResponseObject, error) {
	p := r.Params
	return s.search(ctx, r.Path, "", r.Field, searchFromAPI(p.Query, p.Token), window(p.BStart, p.BSize))
}

// GetQuerysourceOf searches the values of a field of a type that is to be
// created.
func (s *server) GetQuerysourceOf(ctx context.Context, r api.GetQuerysourceOfRequestObject) (api.GetQuerysourceOfResponseObject, error) {
	p := r.Params
	return s.search(ctx, r.Path, r.Type, r.Field, searchFromAPI(p.Query, p.Token), window(p.BStart, p.BSize))
}

// GetSiteQuerysource searches the values of a field of a type at the root.
func (s *server) GetSiteQuerysource(ctx context.Context, r api.GetSiteQuerysourceRequestObject) (api.GetSiteQuerysourceResponseObject, error) {
	p := r.Params
	return s.search(ctx, "", r.Type, r.Field, searchFromAPI(p.Query, p.Token), window(p.BStart, p.BSize))
}

func searchFromAPI(query, token *string) (q geverdb.Search) {
	if query != nil {
		q.Query = *query
	}
	if token != nil {
		q.Token = *token
	}
	return q
}

func (s *server) search(ctx context.Context, path, name, field string, q geverdb.Search, w geverdb.Window) (*answer, error) {
	terms, err := s.db.Terms(ctx, caller(ctx), path, name, field, q)
	if err != nil {
		return nil, err
	}
	return s.terms(ctx, s.sources(ctx, path, name).of("@querysources", field), terms, w)
}

// listed is a page of an endpoint's list.
func listed(ctx context.Context, id string, items []any, total int64, w geverdb.Window) (*answer, error) {
	out := map[string]any{"@id": id, "items": items, "items_total": total}
	addBatching(ctx, out, id, w, total)
	return &answer{status: http.StatusOK, value: out}, nil
}
