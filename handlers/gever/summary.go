package gever

import (
	"slices"

	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// brief has the page's four keys (gever.md 0.1 rule 6). In both contracts the
// neighbours of an object have no more.
func (s shaper) brief(o *geverdb.Object) map[string]any {
	out := map[string]any{"@id": address(s.ctx, o.Path), "@type": o.Type.Name, "description": o.Description, "title": s.contract.title(s, o)}
	if o.Description == "" {
		out["description"] = s.contract.empty
	}
	return out
}

// liveHit has the keys of gever.md 1.7 as an entry of the index has them: what
// stands in items, and in the answers of search, listings and breadcrumbs in
// both contracts (0.1 rule 10). The object needs Subdossier (geverdb.placed).
func (s shaper) liveHit(o *geverdb.Object) map[string]any {
	out := s.brief(o)
	out["is_leafnode"] = leafnode(o)
	if o.Type.Name == gever.SiteType {
		return out
	}
	out["UID"], out["review_state"] = o.UID, o.State
	if o.Type.Dossierish() {
		out["is_subdossier"] = o.Subdossier
	}
	if o.Type.Documentish() {
		out["checked_out"], out["file_extension"] = o.CheckedOutBy, extensionOf(o)
	}
	return out
}

// liveSummary is the same made from the object itself: parent, relations,
// containing_dossier.
func (s shaper) liveSummary(o *geverdb.Object) map[string]any {
	out := s.liveHit(o)
	if o.Type.Dossierish() {
		out["dossier_type"] = orNull(o.Values.Text("dossier_type"))
	}
	if o.Type.Documentish() {
		out["checked_out"] = nil
	}
	return out
}

// plainTitle is the title in the preferred language (rule 5).
func (s shaper) plainTitle(o *geverdb.Object) string {
	if o.Type.Name == gever.SiteType {
		return s.AdminUnitTitle
	}
	return o.Title
}

// numberedTitle is the title in the language of the request, where that is
// enabled; a repository folder's has its number before it, "1.1. Verträge".
func (s shaper) numberedTitle(o *geverdb.Object) string {
	title := s.plainTitle(o)
	if local := o.Values.Text("title_" + s.language); local != "" && o.Type.Localized() && slices.Contains(s.Languages, s.language) {
		title = local
	}
	if number := gever.FolderNumber(o.Reference); number != "" && o.Type.Name == gever.FolderType {
		return number + ". " + title
	}
	return title
}

// leafnode tells of a repository folder whether it holds no other; null for
// everything else.
func leafnode(o *geverdb.Object) any {
	if o.Type.Name != gever.FolderType {
		return nil
	}
	return !o.FirstFolder
}

// extensionOf is the extension of a document's file with its dot; null when
// there is none.
func extensionOf(o *geverdb.Object) any {
	if f := o.Values.StoredOf(o.Type.File); f != nil {
		return orNull(gever.Extension(f.Name))
	}
	return nil
}
