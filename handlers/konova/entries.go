package konova

import (
	"context"
	"errors"
	"io"
	"strings"

	api "loket/gen/konova"
	"loket/handlers/page"
	"loket/store/konova"
	"loket/store/konova/konovadb"
)

// list answers a page of a kind in the form that the client asked for.
func (s *server) list(ctx context.Context, kind konova.Kind, rpp, p *int32, bbox *[]float64, ifNoneMatch *string) (answer, error) {
	k := callOf(ctx)
	box, err := bboxOf(bbox)
	if err != nil {
		return answer{}, err
	}
	if k.form == sequence {
		return s.export(ctx, kind, box), nil
	}
	l := listing{
		s: s, ctx: ctx, kind: kind, form: k.form, page: konova.NewPage(rpp, p, s.StandardRPP, s.MaxRPP),
		base: here(ctx, "/api/v1/"+string(kind)), box: box, filters: k.filters(box),
	}
	l.query = konovadb.Query{Offset: l.page.Offset(), Limit: l.page.RPP + 1, Bbox: box}
	l.next = func() string { return l.page.Next(l.base, l.filters...) }
	l.self = l.page.Self(l.base, l.filters...)
	if k.form == envelope && box == nil {
		return l.text(ifNoneMatch)
	}
	return l.answer(ifNoneMatch)
}

// text answers the page by the shortest way: documents as they are kept.
func (l *listing) text(ifNoneMatch *string) (answer, error) {
	body, done := page.Buffer()
	t, err := l.s.DB.Text(l.ctx, caller(l.ctx), l.kind, konovadb.Query{Offset: l.query.Offset, Limit: l.page.RPP}, *body)
	*body = t.Results
	switch {
	case errors.Is(err, konovadb.ErrLarge):
		done()
		return l.stream()
	case err != nil:
		done()
		return answer{}, err
	}
	tag := newListTag(l.self)
	tag.add(int64(t.States)) //nolint:gosec // bits, not a quantity
	head, tail, err := l.frame(t.Rows, t.More, &tag)
	a := answer{form: envelope, etag: tag.String(), parts: [3][]byte{head, t.Results, tail}, done: done}
	a.known = matches(ifNoneMatch, a.etag)
	return a, err
}

// listing is a page being put together.
type listing struct {
	s     *server
	ctx   context.Context
	kind  konova.Kind
	form  form
	page  konova.Page
	query konovadb.Query // asks for one row more than the page has: is there a next one?

	base, self string
	next       func() string
	box        *konova.Bbox
	filters    []string
}

func (l *listing) answer(ifNoneMatch *string) (answer, error) {
	body, done := page.Buffer()
	tag := newListTag(mediaTypes[l.form], l.self)
	rows, more := int64(0), false
	err := l.s.DB.List(l.ctx, caller(l.ctx), l.kind, l.query, func(r *konovadb.Row) error {
		if rows == l.query.Limit-1 {
			more = true
			return nil
		}
		rows++
		tag.add(r.Num)
		tag.add(r.Rev)
		*body = l.appendRow(*body, r, rows == 1)
		if len(*body) > konovadb.LargePage {
			return konovadb.ErrLarge
		}
		return nil
	})
	if errors.Is(err, konovadb.ErrLarge) {
		done()
		return l.stream()
	}
	if err != nil {
		done()
		return answer{}, err
	}
	head, tail, err := l.frame(rows, more, &tag)
	if err != nil {
		done()
		return answer{}, err
	}
	a := answer{form: l.form, etag: tag.String(), parts: [3][]byte{head, *body, tail}, done: done}
	a.known = matches(ifNoneMatch, a.etag)
	return a, nil
}

func (l *listing) appendRow(b []byte, r *konovadb.Row, first bool) []byte {
	if !first {
		b = append(b, ',')
	}
	if l.form == geoJSON {
		return konova.AppendFeature(b, r.ID, r.Document, nil)
	}
	b = append(append(append(b, '"'), r.ID...), `":`...)
	return append(b, r.Document.JSON...)
}

// frame is what stands around the rows.
func (l *listing) frame(rows int64, more bool, tag *listTag) (head, tail []byte, err error) {
	next := ""
	if more {
		next = l.next()
		tag.add(1)
	}
	if l.form == geoJSON {
		return l.collection(rows, next, tag)
	}
	return append(l.page.AppendHead(make([]byte, 0, 192), next), '{'), closing, nil
}

// stream sends a page row by row. Whether there is a next one is asked before,
// as it stands in front; between the two questions the register may move, as
// it may between two pages.
func (l *listing) stream() (answer, error) {
	more := false
	q := l.query
	q.Limit--
	after := q
	after.Offset, after.Limit = q.Offset+q.Limit, 1
	err := l.s.DB.List(l.ctx, caller(l.ctx), l.kind, after, func(*konovadb.Row) error { more = true; return nil })
	if err != nil {
		return answer{}, err
	}
	var tag listTag
	rows := q.Limit
	if !more && l.form == geoJSON { // numberReturned stands in front
		total, err := l.s.DB.Count(l.ctx, caller(l.ctx), l.kind, l.box)
		if err != nil {
			return answer{}, err
		}
		rows = max(0, total-q.Offset)
	}
	head, tail, err := l.frame(rows, more, &tag)
	if err != nil {
		return answer{}, err
	}
	return answer{form: l.form, parts: [3][]byte{head}, stream: func(w io.Writer) error {
		first := true
		var row []byte
		err := l.s.DB.List(l.ctx, caller(l.ctx), l.kind, q, func(r *konovadb.Row) error {
			row = l.appendRow(row[:0], r, first)
			first = false
			_, err := w.Write(row)
			return err
		})
		if err != nil {
			return err
		}
		_, err = w.Write(tail)
		return err
	}}, nil
}

// get answers one entry: the envelope with one key (decision 11), or a Feature.
func (s *server) get(ctx context.Context, kind konova.Kind, id string, rpp, p *int32, ifNoneMatch *string) (answer, error) {
	if callOf(ctx).form == geoJSON { // one entry is no sequence
		return s.feature(ctx, kind, id, ifNoneMatch)
	}
	num, rev, kept, err := s.DB.GetText(ctx, caller(ctx), kind, strings.ToLower(id))
	if err != nil {
		return answer{}, err
	}
	a := answer{etag: entryTag(num, rev, envelope)}
	if a.known = matches(ifNoneMatch, a.etag); a.known {
		return a, nil
	}
	head := append(konova.NewPage(rpp, p, s.StandardRPP, s.MaxRPP).AppendHead(make([]byte, 0, 128), ""), '{')
	a.parts = [3][]byte{head, kept, closing}
	return a, nil
}

// closing ends `results` and the envelope.
var closing = []byte("}}")

func (s *server) feature(ctx context.Context, kind konova.Kind, id string, ifNoneMatch *string) (answer, error) {
	row, err := s.DB.Get(ctx, caller(ctx), kind, strings.ToLower(id))
	if err != nil {
		return answer{}, err
	}
	a := answer{form: geoJSON, etag: entryTag(row.Num, row.Rev, geoJSON)}
	if a.known = matches(ifNoneMatch, a.etag); !a.known {
		a.parts = [3][]byte{konova.AppendFeature(nil, row.ID, row.Document, nil)}
	}
	return a, nil
}

func (s *server) create(ctx context.Context, kind konova.Kind) (api.CreatedJSONResponse, error) {
	var out api.CreatedJSONResponse
	e, err := konova.Parse(kind, callOf(ctx).body)
	if err != nil {
		return out, err
	}
	w, err := s.DB.Create(ctx, caller(ctx), e)
	out.Body.ID = w.ID
	out.Headers.ETag = entryTag(w.Num, w.Rev, envelope)
	out.Headers.Location = here(ctx, "/api/v1/"+string(kind)+"/"+w.ID)
	return out, err
}

func (s *server) replace(ctx context.Context, kind konova.Kind, id string, condition *string) (api.ReplacedJSONResponse, error) {
	var out api.ReplacedJSONResponse
	e, err := konova.Parse(kind, callOf(ctx).body)
	if err != nil {
		return out, err
	}
	w, err := s.DB.Replace(ctx, caller(ctx), strings.ToLower(id), e, ifMatch(condition))
	out.Body.ID = w.ID
	out.Headers.ETag = entryTag(w.Num, w.Rev, envelope)
	return out, err
}

func (s *server) delete(ctx context.Context, kind konova.Kind, id string, condition *string) (api.SuccessJSONResponse, error) {
	return api.SuccessJSONResponse{Success: true}, s.DB.Delete(ctx, caller(ctx), kind, strings.ToLower(id), ifMatch(condition))
}

// sharing answers with whom an entry is shared, in the envelope (decision 39).
func (s *server) sharing(ctx context.Context, kind konova.Kind, id string) (api.SharePage, error) {
	users, err := s.DB.Sharing(ctx, caller(ctx), kind, strings.ToLower(id))
	out := api.SharePage{Rpp: s.StandardRPP, P: 1, Results: api.Share{Users: users}}
	out.Next.SetNull()
	return out, err
}

func (s *server) share(ctx context.Context, kind konova.Kind, id string, users []string) (api.SuccessJSONResponse, error) {
	return api.SuccessJSONResponse{Success: true}, s.DB.SetSharing(ctx, caller(ctx), kind, strings.ToLower(id), users)
}
