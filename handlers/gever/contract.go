package gever

import (
	"loket/store/gever"
	"loket/store/gever/geverdb"
)

// contract is everything in which the generations of the API differ (gever.md
// 0), as data: a request's shaper holds the installation's, and nothing else
// asks which one it is.
type contract struct {
	// languages says whether answers follow Accept-Language; else they are in
	// the preferred language.
	languages bool
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

var contracts = map[gever.Contract]*contract{
	gever.PageContract: {
		title: shaper.plainTitle, summary: shaper.brief, item: shaper.brief,
	},
	gever.LiveContract: {
		languages: true, empty: "",
		title: shaper.numberedTitle, summary: shaper.liveSummary, item: shaper.liveHit,
	},
}
