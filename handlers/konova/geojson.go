package konova

import (
	"context"
	"encoding/json"
	"io"
	"strconv"

	api "loket/gen/konova"
	"loket/store/konova"
	"loket/store/konova/konovadb"
)

const timeStamp = "2006-01-02T15:04:05Z"

// collection is what stands around the features of a page: counts and links as
// OGC API Features has them.
func (l *listing) collection(rows int64, next string, tag *listTag) (head, tail []byte, err error) {
	total, err := l.s.DB.Count(l.ctx, caller(l.ctx), l.kind, l.box)
	if err != nil {
		return nil, nil, err
	}
	tag.add(total)
	links := []api.Link{link(l.self, "self", mediaTypes[geoJSON])}
	if next != "" {
		links = append(links, link(next, "next", mediaTypes[geoJSON]))
	}
	text, err := json.Marshal(links)
	if err != nil {
		return nil, nil, err
	}
	head = append(make([]byte, 0, 512), `{"type":"FeatureCollection","timeStamp":"`...)
	head = append(l.s.Now().UTC().AppendFormat(head, timeStamp), `","numberReturned":`...)
	head = append(strconv.AppendInt(head, rows, 10), `,"numberMatched":`...)
	head = append(strconv.AppendInt(head, total, 10), `,"links":`...)
	head = append(append(head, text...), `,"features":[`...)
	return head, []byte("]}"), nil
}

func link(href, rel, mediaType string) api.Link {
	return api.Link{Href: href, Rel: rel, Type: &mediaType}
}

// export answers everything that the user sees as a text sequence (RFC 8142):
// each Feature between RS and a line's end, written as it is read.
func (s *server) export(ctx context.Context, kind konova.Kind, box *konova.Bbox) answer {
	return answer{form: sequence, stream: func(w io.Writer) error {
		var b []byte
		return s.DB.Export(ctx, caller(ctx), kind, box, func(r *konovadb.Row) error {
			b = append(konova.AppendFeature(append(b[:0], 0x1e), r.ID, r.Document, nil), '\n')
			_, err := w.Write(b)
			return err
		})
	}}
}
