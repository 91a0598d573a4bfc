package mount

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/labstack/echo/v4"

	"loket/handlers/auth"
	"loket/handlers/problem"
	"loket/handlers/validate"
	"loket/store/fault"
)

// operation is one route with the house's chain around the generated handler:
// who asks, how much he asks, whether he may, whether the request is sound,
// the handler, and the answer to its error, all before the client's place in
// flight is given back.
type operation struct {
	router  *Router
	method  string
	path    string
	handler echo.HandlerFunc
	plan    atomic.Pointer[plan] // nil until the document was read
}

// plan is what the document says about the operation.
type plan struct {
	*validate.Operation
	ways    [][]scheme // alternatives; within one, all are needed
	counted bool
}

type scheme struct {
	authenticate auth.Authenticator
	scopes       []string
}

// asHead tells of a HEAD that another operation answers; one that the document
// has itself is as any other.
func (o *operation) asHead(c echo.Context) bool {
	return c.Request().Method == http.MethodHead && o.method != http.MethodHead
}

// head answers HEAD as GET without its body.
func (o *operation) head(c echo.Context) error {
	c.Response().Writer = &headWriter{ResponseWriter: c.Response().Writer}
	return o.serve(c)
}

// serve never returns an error: it has answered. What fails after its answer
// has begun breaks off the connection.
func (o *operation) serve(c echo.Context) error {
	p, err := o.planned()
	if err != nil {
		o.router.api.Errors.Handle(c, err)
		return nil
	}
	t := TraceOf(c.Request().Context())
	t.Operation = p.ID
	var seen *recorder
	if o.router.house.Check && !o.asHead(c) {
		seen = &recorder{ResponseWriter: c.Response().Writer}
		c.Response().Writer = seen
	}
	release, err := o.enter(c, p, t)
	defer release()
	if err == nil {
		err = o.run(c, p)
	}
	if err != nil && !errors.Is(err, errHead) {
		begun := c.Response().Committed
		o.router.api.Errors.Handle(c, err)
		if begun && !problem.Gone(c, err) {
			// Half an answer must not look whole: the connection breaks off.
			panic(http.ErrAbortHandler)
		}
	}
	o.report(c, p, seen)
	return nil
}

// enter names the client, counts the request, and only then refuses: a client
// that knocks with a wrong credential pays for it too. release is never nil.
func (o *operation) enter(c echo.Context, p *plan, t *Trace) (release func(), err error) {
	r := c.Request()
	t.Address = c.RealIP()
	who, refusal := identify(r.Context(), r, p.ways)
	key := ""
	if who != nil {
		key = who.Client
	}
	if key == "" {
		key = "address:" + t.Address
	}
	t.Client = key
	release = nothing
	if p.counted {
		if release, err = o.router.rates.take(c, o.router.house.Limiter, key); err != nil {
			return release, err
		}
	}
	if refusal != nil {
		return release, refusal
	}
	if who != nil {
		auth.Put(r.Context(), who)
	}
	return release, nil
}

func nothing() {}

// run validates and calls the handler. A handler that answers nothing has
// returned nil, nil: the generated code would make a silent 200 of it.
func (o *operation) run(c echo.Context, p *plan) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares in the same way
				panic(v)
			}
			err = problem.Recovered(v, debug.Stack())
		}
	}()
	if err := p.Request(c); err != nil {
		return err
	}
	if err := o.handler(c); err != nil {
		return err
	}
	if !c.Response().Committed {
		return fault.Wrap(fmt.Errorf("operation %s gave no answer", p.ID), fault.Internal, fault.InternalError, "")
	}
	return nil
}

func (o *operation) report(c echo.Context, p *plan, seen *recorder) {
	h, status := &o.router.house, c.Response().Status
	if h.OnAnswer != nil && !o.asHead(c) {
		h.OnAnswer(o.router.api.Name, p.Operation, status)
	}
	if seen == nil || h.OnViolation == nil || status == 499 {
		return
	}
	if wrong := p.Response(status, c.Response().Header(), seen.kept()); len(wrong) > 0 {
		h.OnViolation(Violation{API: o.router.api.Name, Operation: p.ID, Method: o.method, Route: o.path, Status: status, Wrong: wrong})
	}
}

// planned reads the document when this operation is first asked for.
func (o *operation) planned() (*plan, error) {
	if p := o.plan.Load(); p != nil {
		return p, nil
	}
	found, err := o.router.doc.Operation(o.method, o.path)
	if err != nil {
		return nil, err
	}
	p := &plan{Operation: found, counted: !o.router.api.Uncounted[found.ID]}
	for _, requirement := range found.Security {
		way := []scheme{}
		for _, name := range slices.Sorted(maps.Keys(requirement)) {
			a, ok := o.router.api.Schemes[name]
			if !ok {
				return nil, fmt.Errorf("mount: %s asks for security scheme %q, which the API does not have", found.ID, name)
			}
			way = append(way, scheme{a, requirement[name]})
		}
		p.ways = append(p.ways, way)
	}
	o.plan.Store(p)
	return p, nil
}

// identify tries the alternatives of `security` in turn. An empty one lets
// nobody in particular pass, after the others were tried. Forbidden weighs
// more than Unauthenticated: the client was known; and what is wrong with a
// credential more than that there is none. Another fault (the store does not
// answer) ends the search.
func identify(ctx context.Context, r *http.Request, ways [][]scheme) (*auth.Principal, error) {
	var (
		known *auth.Principal
		worst error
		open  = len(ways) == 0
	)
	for _, way := range ways {
		if len(way) == 0 {
			open = true
			continue
		}
		p, err := all(ctx, r, way)
		if err == nil {
			return p, nil
		}
		kind := fault.KindOf(err)
		if kind != fault.Unauthenticated && kind != fault.Forbidden {
			return p, err
		}
		if p != nil {
			known = p
		}
		if worst == nil || kind == fault.Forbidden || fault.ReasonOf(worst) == fault.NoCredential {
			worst = err
		}
	}
	if open {
		return nil, nil
	}
	return known, worst
}

// all asks every scheme of one alternative; the first that names a client
// names it.
func all(ctx context.Context, r *http.Request, way []scheme) (*auth.Principal, error) {
	var who *auth.Principal
	for _, s := range way {
		p, err := s.authenticate(ctx, r, s.scopes)
		if who == nil {
			who = p
		}
		if err != nil {
			return who, err
		}
	}
	return who, nil
}
