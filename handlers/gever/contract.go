package gever

import (
	"fmt"
	"strings"
	"time"

	api "loket/gen/gever"
	"loket/openapi"
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// contract is everything in which the generations of the API differ (gever.md
// 0), as data: a request's shaper holds the installation's, and nothing else
// asks which one it is. What differs between fields and keys of types stands
// in the type table.
type contract struct {
	// form, yaml and json are the document; workflows are what one does with
	// it, step by step.
	form       string
	yaml, json []byte
	workflows  struct{ yaml, json []byte }
	// languages says whether answers follow Accept-Language; else they are in
	// the preferred language.
	languages bool
	// context is @context of the outermost object; "" has none.
	context string
	// created says whether POST answers with the object to clients that do not
	// say what they prefer.
	created bool
	// zone is that of date-times.
	zone func(*gever.Settings) *time.Location
	// values write the values of fields, by kind; what is not here stands as
	// it is kept.
	values map[gever.Kind]writer
	// empty is an empty description in a summary.
	empty any
	// title is what summaries call an object.
	title func(shaper, *geverdb.Object) string
	// summary is another object in short, made from the object itself: parent,
	// relations, containing_dossier.
	summary func(shaper, *geverdb.Object) map[string]any
	// item is the same in a list of children.
	item func(shaper, *geverdb.Object) map[string]any
}

// writer writes the value of a field.
type writer func(s shaper, v *geverdb.View, f *gever.Field, value any) any

var contracts = map[gever.Contract]*contract{
	gever.PageContract: {
		yaml: openapi.GEVER, json: api.Documentation, workflows: struct{ yaml, json []byte }{openapi.GEVERWorkflows, api.Workflows},
		context: "http://www.w3.org/ns/hydra/context.jsonld",
		zone:    func(s *gever.Settings) *time.Location { return s.Zone },
		values:  map[gever.Kind]writer{gever.File: stored, gever.RichText: rich, gever.DateTime: moment},
		title:   shaper.plainTitle, summary: shaper.brief, item: shaper.brief,
	},
	gever.LiveContract: {
		form: "live", yaml: api.Live, json: api.LiveDocumentation,
		languages: true, created: true, empty: "",
		zone: func(*gever.Settings) *time.Location { return time.UTC },
		values: map[gever.Kind]writer{
			gever.File: stored, gever.RichText: rich, gever.Choice: term, gever.IntChoice: term, gever.Terms: words, gever.User: user, gever.Users: users,
			gever.TaskUser: taskUser, gever.DateTime: moment,
		},
		title: shaper.numberedTitle, summary: shaper.liveSummary, item: shaper.liveHit,
	},
}

// member is one key of a type's answers: a field, or what is computed.
type member struct {
	key     string
	field   *gever.Field
	compute func(shaper, *geverdb.View) any
}

// membersOf makes a serialiser of each type from the type table.
func membersOf(set *gever.Settings) map[*gever.Type][]member {
	out := map[*gever.Type][]member{}
	for _, t := range append(gever.Types(), gever.TypeOf(gever.SiteType)) {
		for _, key := range t.Keys(set.Contract, set.Languages) {
			if f := t.Field(key); f != nil && !derived[key] {
				out[t] = append(out[t], member{key: key, field: f})
			} else if compute, ok := computed[key]; ok {
				out[t] = append(out[t], member{key: key, compute: compute})
			}
		}
	}
	return out
}

// stored is a file that an object holds.
func stored(s shaper, v *geverdb.View, f *gever.Field, _ any) any {
	file := v.Values.StoredOf(f.Name)
	if file == nil {
		return nil
	}
	return map[string]any{
		"content-type": file.ContentType, "download": address(s.ctx, v.Path) + "/@@download/" + f.Name, "filename": file.Name, "size": file.Size,
	}
}

// rich is HTML.
func rich(_ shaper, _ *geverdb.View, _ *gever.Field, value any) any {
	return map[string]any{"data": value, "content-type": "text/html", "encoding": "utf8"}
}

// moment is a kept moment in the contract's zone.
func moment(s shaper, _ *geverdb.View, _ *gever.Field, value any) any {
	text, _ := value.(string)
	at, err := time.Parse(gever.KeptInstant, text)
	if err != nil {
		return value
	}
	return s.instant(at)
}

// choice is a value with its title, as the running system has all of them.
func choice(token, title string) map[string]any {
	return map[string]any{"token": token, "title": title}
}

// term is a value of a vocabulary; numbers are texts there.
func term(s shaper, _ *geverdb.View, f *gever.Field, value any) any {
	token := fmt.Sprint(value)
	return choice(token, s.TermOf(f.Vocabulary, token).In(s.language))
}

// words are free terms: each is its own title.
func words(_ shaper, _ *geverdb.View, _ *gever.Field, value any) any {
	return each(value, func(one string) any { return choice(one, one) })
}

// user is "Ziegler Robert (robert.ziegler)".
func user(_ shaper, v *geverdb.View, _ *gever.Field, value any) any {
	return named(v, fmt.Sprint(value))
}

func users(_ shaper, v *geverdb.View, _ *gever.Field, value any) any {
	return each(value, func(one string) any { return named(v, one) })
}

func named(v *geverdb.View, id string) map[string]any {
	if u, ok := v.Users[id]; ok {
		return choice(id, u.Fullname()+" ("+id+")")
	}
	return choice(id, id)
}

// taskUser is somebody of an org unit, its inbox, or a team.
func taskUser(s shaper, v *geverdb.View, _ *gever.Field, value any) any {
	token := fmt.Sprint(value)
	unit, id, found := strings.Cut(token, ":")
	if u, known := v.Users[id]; found && known && unit == s.AdminUnit {
		return choice(token, s.AdminUnitTitle+": "+u.Fullname()+" ("+id+")")
	}
	return choice(token, s.actorName(v, token))
}

// actorName is what people call who stands in a field for users.
func (s shaper) actorName(v *geverdb.View, name string) string {
	if name == "inbox:"+s.AdminUnit {
		return gever.Titled(s.language, gever.InboxTitle) + ": " + s.AdminUnitTitle
	}
	return fullname(v.Users, actorID(s.Settings, name))
}

func each(value any, write func(string) any) []any {
	out := []any{}
	list, _ := value.([]any)
	for _, one := range list {
		out = append(out, write(fmt.Sprint(one)))
	}
	return out
}

// actorID is who a user's name in a field is as an actor: an inbox or a team
// by its whole name, everybody else without the client.
func actorID(s *gever.Settings, name string) string {
	return strings.TrimPrefix(name, s.AdminUnit+":")
}

// components are what an answer could hold besides (gever.md 3.7): addresses,
// but for the main dossier.
func (s shaper) components(v *geverdb.View) map[string]any {
	at, out := address(s.ctx, v.Path), map[string]any{"main-dossier": s.mainDossier(v)}
	for _, c := range components {
		if c.of(v.Type) {
			out[c.name] = map[string]any{"@id": at + "/@" + c.name}
		}
	}
	return out
}

// mainDossier is the outermost dossier that an object stands in, or is; nil
// when there is none.
func (s shaper) mainDossier(v *geverdb.View) any {
	if main := s.containing(v); main != nil || !v.Type.Dossierish() {
		return main
	}
	return s.summary(v.Object)
}
