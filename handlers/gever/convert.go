package gever

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// shaper writes objects in the form of its contract.
type shaper struct {
	ctx context.Context //nolint:containedctx // one answer's: its origin and its request
	*gever.Settings
	contract *contract
	members  map[*gever.Type][]member
	language string // of titles in objects
	asked    string // of titles in what stands around them: the request's
}

func (s *server) shaper(ctx context.Context) shaper {
	shape := shaper{ctx, s.settings, s.contract, s.members, s.settings.Languages[0], s.asked(ctx)}
	if s.contract.languages {
		shape.language = shape.asked
	}
	return shape
}

// titled is a title of the tables in the language of the request.
func (s shaper) titled(german string) string { return gever.Titled(s.asked, german) }

// instant is a moment, whole seconds: in the installation's zone on the page
// (gever.md 0.1 rule 9), in UTC in the running system.
func (s shaper) instant(t time.Time) string {
	return t.In(s.contract.zone(s.Settings)).Format("2006-01-02T15:04:05-07:00")
}

// actor names who did something. Requests may ask for any id, so it is escaped
// in the address.
func (s shaper) actor(id string) map[string]any {
	return map[string]any{"@id": address(s.ctx, "@actors/"+url.PathEscape(id)), "identifier": id}
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (s shaper) summary(o *geverdb.Object) map[string]any { return s.contract.summary(s, o) }

func (s shaper) summaries(list []*geverdb.Object) []any {
	out := []any{}
	for _, o := range list {
		out = append(out, s.summary(o))
	}
	return out
}

// neighbour is the one before or behind; {} when there is none.
func (s shaper) neighbour(o *geverdb.Object) any {
	if o == nil {
		return map[string]any{}
	}
	return s.brief(o)
}

// object is the whole of an object, without items: each field of its type by
// its kind, and each computed key by its name.
func (s shaper) object(v *geverdb.View) map[string]any {
	out := map[string]any{"@type": v.Type.Name}
	for _, m := range s.members[v.Type] {
		if m.field == nil {
			out[m.key] = m.compute(s, v)
		} else if !m.field.Secret(s.Contract, v.Roles) {
			out[m.key] = s.value(v, m.field, s.contract.values)
		}
	}
	return out
}

// outermost is the object that an answer is about.
func (s shaper) outermost(v *geverdb.View) map[string]any {
	out := s.object(v)
	if s.contract.context != "" {
		out["@context"] = s.contract.context
	}
	return out
}

// derived are fields whose answer is not just their value.
var derived = map[string]bool{"digitally_available": true, "document_author": true}

// value is a field's value, written by its kind; an unset one as its field
// says.
func (s shaper) value(v *geverdb.View, f *gever.Field, by map[gever.Kind]writer) any {
	if f.Kind == gever.Relation {
		list := v.Related[f.Name]
		switch {
		case len(list) == 0:
		case f.Single:
			return s.summary(list[0])
		default:
			return s.summaries(list)
		}
		return f.Unset(s.Contract)
	}
	value, set := v.Values[f.Name]
	switch {
	case set:
	case f.Required && f.Value != nil:
		value = f.Value
	default:
		return f.Unset(s.Contract)
	}
	if write := by[f.Kind]; write != nil {
		return write(s, v, f, value)
	}
	return value
}

// fileOf is the document's own file; nil when it has none.
func fileOf(v *geverdb.View) *gever.Stored { return v.Values.StoredOf(v.Type.File) }

// dossiers are those above a document or task, outermost first.
func dossiers(v *geverdb.View) []*geverdb.Object {
	var out []*geverdb.Object
	for _, o := range v.Above {
		if o.Type.Dossierish() {
			out = append(out, o)
		}
	}
	return out
}

// containing is the outermost of them.
func (s shaper) containing(v *geverdb.View) any {
	if d := dossiers(v); len(d) > 0 {
		return s.summary(d[0])
	}
	return nil
}

func subdossier(v *geverdb.View) *geverdb.Object {
	if d := dossiers(v); len(d) > 1 {
		return d[len(d)-1]
	}
	return nil
}

func constant(v any) func(shaper, *geverdb.View) any {
	return func(shaper, *geverdb.View) any { return v }
}

// computed are the keys that are no fields, one function each.
var computed = map[string]func(s shaper, v *geverdb.View) any{
	"@id":                 func(s shaper, v *geverdb.View) any { return address(s.ctx, v.Path) },
	"UID":                 func(_ shaper, v *geverdb.View) any { return v.UID },
	"id":                  func(_ shaper, v *geverdb.View) any { return v.Name },
	"title":               func(s shaper, v *geverdb.View) any { return s.plainTitle(v.Object) },
	"created":             func(s shaper, v *geverdb.View) any { return s.instant(v.CreatedAt) },
	"modified":            func(s shaper, v *geverdb.View) any { return s.instant(v.ModifiedAt) },
	"changed":             func(s shaper, v *geverdb.View) any { return s.instant(v.ChangedAt) },
	"touched":             func(_ shaper, v *geverdb.View) any { return v.Touched },
	"oguid":               func(s shaper, v *geverdb.View) any { return s.AdminUnit + ":" + strconv.FormatInt(v.IntID, 10) },
	"parent":              func(s shaper, v *geverdb.View) any { return s.summary(v.Parent()) },
	"relative_path":       func(_ shaper, v *geverdb.View) any { return v.Path },
	"review_state":        func(_ shaper, v *geverdb.View) any { return v.State },
	"items_total":         func(_ shaper, v *geverdb.View) any { return v.Object.Children },
	"@components":         func(s shaper, v *geverdb.View) any { return s.components(v) },
	"allow_discussion":    constant(false),
	"layout":              layout,
	"is_folderish":        func(_ shaper, v *geverdb.View) any { return v.Type.Folderish },
	"next_item":           func(s shaper, v *geverdb.View) any { return s.neighbour(v.Next) },
	"previous_item":       func(s shaper, v *geverdb.View) any { return s.neighbour(v.Previous) },
	"reference_number":    func(_ shaper, v *geverdb.View) any { return orNull(v.Reference) },
	"sequence_number":     func(_ shaper, v *geverdb.View) any { return v.Sequence },
	"is_subdossier":       func(_ shaper, v *geverdb.View) any { return v.Subdossier },
	"is_leafnode":         func(_ shaper, v *geverdb.View) any { return leafnode(v.Object) },
	"blocked_local_roles": func(_ shaper, v *geverdb.View) any { return v.Blocked },
	"creator":             func(s shaper, v *geverdb.View) any { return s.actor(v.Creator) },

	// Dossiers of the running system.
	"back_references_relatedDossier": func(s shaper, v *geverdb.View) any { return s.summaries(v.Back) },
	"has_pending_jobs":               constant(false),
	"is_protected":                   func(_ shaper, v *geverdb.View) any { return v.Values.Protected() },
	"responsible_actor": func(s shaper, v *geverdb.View) any {
		if id := v.Values.Text("responsible"); id != "" {
			return s.actor(actorID(s.Settings, id))
		}
		return nil
	},
	"responsible_fullname": func(s shaper, v *geverdb.View) any {
		if id := v.Values.Text("responsible"); id != "" {
			return s.actorName(v, id)
		}
		return nil
	},

	// Documents and mails.
	"back_references_relatedItems": func(s shaper, v *geverdb.View) any { return s.summaries(v.Back) },
	"bumblebee_checksum": func(_ shaper, v *geverdb.View) any {
		if f := fileOf(v); f != nil {
			return f.SHA256
		}
		return nil
	},
	"thumbnail_url": constant(nil), "preview_url": constant(nil), "pdf_url": constant(nil), "changeNote": constant(""),
	"checked_out": func(_ shaper, v *geverdb.View) any { return orNull(v.CheckedOutBy) },
	"checked_out_fullname": func(_ shaper, v *geverdb.View) any {
		if v.CheckedOutBy == "" {
			return nil
		}
		return fullname(v.Users, v.CheckedOutBy)
	},
	"checkout_collaborators": constant([]any{}), "is_collaborative_checkout": constant(false),
	"containing_dossier": func(s shaper, v *geverdb.View) any {
		return s.containing(v)
	},
	"containing_subdossier": func(_ shaper, v *geverdb.View) any {
		if d := subdossier(v); d != nil {
			return d.Title
		}
		return ""
	},
	"containing_subdossier_url": func(s shaper, v *geverdb.View) any {
		if d := subdossier(v); d != nil {
			return address(s.ctx, d.Path)
		}
		return ""
	},
	"current_version_id": func(_ shaper, v *geverdb.View) any { return max(v.Versions-1, 0) },
	"file_extension":     func(_ shaper, v *geverdb.View) any { return extensionOf(v.Object) },
	"file_mtime": func(_ shaper, v *geverdb.View) any {
		if f := fileOf(v); f != nil {
			return seconds(f.ModifiedAt)
		}
		return nil
	},
	"getObjPositionInParent":  func(_ shaper, v *geverdb.View) any { return v.Position },
	"is_locked":               func(_ shaper, v *geverdb.View) any { return v.Lock != nil },
	"is_shadow_document":      func(_ shaper, v *geverdb.View) any { return v.State == "document-state-shadow" },
	"teamraum_connect_links":  constant(map[string]any{"gever_document": []any{}, "workspace_documents": []any{}}),
	"trashed":                 func(_ shaper, v *geverdb.View) any { return v.Trashed },
	"version":                 constant("current"),
	"workspace_document_urls": constant([]any{}),
	"attachments": func(_ shaper, v *geverdb.View) any {
		if list, ok := v.Values["attachments"]; ok {
			return list
		}
		return []any{}
	},
	"digitally_available": func(_ shaper, v *geverdb.View) any { return fileOf(v) != nil },
	"document_author": func(_ shaper, v *geverdb.View) any {
		if author := v.Values.Text("document_author"); author != "" {
			return fullname(v.Users, author)
		}
		return nil
	},

	// Tasks.
	"has_remote_predecessor": constant(false), "has_sequential_successor": func(_ shaper, v *geverdb.View) any { return v.Succeeded }, "is_remote_task": constant(false),
	"is_completed": func(_ shaper, v *geverdb.View) any { return slices.Contains(v.Type.Workflow.Done, v.State) },
	"is_current_user_responsible": func(s shaper, v *geverdb.View) any {
		return v.Values.Text("responsible") == s.AdminUnit+":"+v.Caller
	},
	"responses":                  func(s shaper, v *geverdb.View) any { return s.responses(v.Path, v.Said) },
	"responsible_admin_unit_url": func(s shaper, _ *geverdb.View) any { return address(s.ctx, "") },

	// Workspaces.
	"can_access_members": func(_ shaper, v *geverdb.View) any {
		// A guest is who may only read.
		return !v.Values.Flag("hide_members_for_guests") || v.Roles.May(gever.AddContent)
	},
	"can_manage_participants": func(_ shaper, v *geverdb.View) any { return v.Roles.May(gever.Protect) },
	"email": func(s shaper, v *geverdb.View) any {
		return strconv.FormatInt(v.IntID, 10) + "@" + s.AdminUnit + ".example.org"
	},
}

// layout is what a client set, or the running system's own.
func layout(_ shaper, v *geverdb.View) any {
	if l := v.Values.Text("layout"); l != "" {
		return l
	}
	return gever.Layout
}

func fullname(users map[string]geverdb.User, id string) string {
	if u, ok := users[id]; ok {
		return u.Fullname()
	}
	return id
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// metadata are the keys that metadata_fields may ask for beside the four.
var metadata = map[string]func(s shaper, v *geverdb.View) any{
	"UID": computed["UID"], "id": computed["id"], "created": computed["created"], "modified": computed["modified"], "changed": computed["changed"],
	"review_state": computed["review_state"], "sequence_number": ofSequence, "touched": computed["touched"], "oguid": computed["oguid"],
	"relative_path": computed["relative_path"], "is_folderish": computed["is_folderish"], "reference_number": computed["reference_number"],
	"getObjPositionInParent": computed["getObjPositionInParent"],
	"is_locked":              computed["is_locked"],
	"creator":                func(_ shaper, v *geverdb.View) any { return v.Creator },
	"review_state_label": func(s shaper, v *geverdb.View) any {
		return s.titled(v.Type.Flow(v.Place.InWorkspace()).Title(v.State))
	},
	"is_leafnode": computed["is_leafnode"],
	"is_subdossier": func(_ shaper, v *geverdb.View) any {
		if !v.Type.Dossierish() {
			return nil
		}
		return v.Subdossier
	},
	"checked_out": func(_ shaper, v *geverdb.View) any {
		if !v.Type.Documentish() {
			return nil
		}
		return v.CheckedOutBy
	},
	"file_extension": computed["file_extension"],
	"filename":       ofFile(func(f *gever.Stored) any { return f.Name }),
	"filesize":       ofFile(func(f *gever.Stored) any { return f.Size }),
	"mimetype":       ofFile(func(f *gever.Stored) any { return f.ContentType }),
}

func ofSequence(_ shaper, v *geverdb.View) any {
	if v.Sequence == 0 {
		return nil
	}
	return v.Sequence
}

func ofFile(get func(*gever.Stored) any) func(shaper, *geverdb.View) any {
	return func(_ shaper, v *geverdb.View) any {
		if f := fileOf(v); f != nil {
			return get(f)
		}
		return nil
	}
}

// plain finds a field that metadata_fields may ask for too.
func plain(t *gever.Type, name string) *gever.Field {
	f := t.Field(name)
	if f == nil || slices.Contains([]gever.Kind{gever.File, gever.Relation, gever.RichText, gever.Object, gever.Slots, gever.Checklist}, f.Kind) {
		return nil
	}
	return f
}

// extend adds what metadata_fields asks for to a summary: as an index keeps it,
// bare in both contracts. A key that an object does not have is null.
func (s shaper) extend(out map[string]any, v *geverdb.View, fields []string) {
	for _, name := range fields {
		if name == "_all" {
			for key, compute := range metadata {
				out[key] = compute(s, v)
			}
			continue
		}
		if _, is := out[name]; is {
			continue
		}
		if compute, ok := metadata[name]; ok {
			out[name] = compute(s, v)
		} else if f := plain(v.Type, name); f != nil && !f.Secret(s.Contract, v.Roles) {
			out[name] = s.value(v, f, nil)
		} else {
			out[name] = nil
		}
	}
}
