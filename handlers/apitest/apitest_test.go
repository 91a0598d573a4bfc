package apitest

import (
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/handlers/mount"
)

func TestMissing(t *testing.T) {
	api := mount.API{Name: "x", YAML: []byte(`
openapi: 3.0.3
info: {title: X, version: 1.0.0}
paths:
  /a:
    get: {operationId: getA, responses: {'200': {description: ok}, '404': {description: no}, default: {description: rest}}}
    post: {operationId: postA, responses: {'201': {description: ok}, '4XX': {description: no}}}
`)}
	a := answers{seen: map[string]bool{}}
	a.add("x", "getA", 200)
	a.add("y", "postA", 201)
	got, err := a.missing(api)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"GET /a (getA): 404", "POST /a (postA): 201"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := a.missing(mount.API{YAML: []byte("openapi: [")}); err == nil {
		t.Error("a document that cannot be read is missing nothing")
	}
	if code := judge("nobody"); code != 1 {
		t.Errorf("an API that is not there: %d", code)
	}
}

func TestOnlyFullRunsAreJudged(t *testing.T) {
	run := flag.Lookup("test.run")
	before := run.Value.String()
	t.Cleanup(func() { _ = run.Value.Set(before) }) // it was a value before
	for value, want := range map[string]bool{"": !testing.Short(), "TestX": false} {
		if err := run.Value.Set(value); err != nil {
			t.Fatal(err)
		}
		if skip := flag.Lookup("test.skip").Value.String(); skip == "" && full() != want {
			t.Errorf("-run %q: %v", value, !want)
		}
	}
}

func TestResponse(t *testing.T) {
	r := Response{Body: []byte(`{"code":"a","n":1}`)}
	if r.Code() != "a" || r.Object(t)["n"] != 1.0 || (&Response{Body: []byte(`[{"a":"b"}]`)}).List(t)[0]["a"] != "b" || (&Response{Body: []byte(`x`)}).Code() != "" {
		t.Error("a body is misread")
	}
}
