package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/handlers"
	"loket/handlers/mount"
)

// What stands in the repository is what the documents say.
func TestFiles(t *testing.T) {
	t.Chdir("../..")
	if err := each(handlers.APIs(handlers.Deps{}), check); err != nil {
		t.Error(err)
	}
}

func TestReplace(t *testing.T) {
	text := "by hand\n<!-- a -->\nold\n<!-- /a -->\nby hand too\n"
	got, err := replace(text, "a", "new\n\n")
	if want := "by hand\n<!-- a -->\n\nnew\n<!-- /a -->\nby hand too\n"; err != nil || got != want {
		t.Errorf("%q %v", got, err)
	}
	if again, err := replace(got, "a", "new"); err != nil || again != got {
		t.Errorf("not the same twice: %q %v", again, err)
	}
	for _, wrong := range []string{"", "<!-- a -->\n", "<!-- /a -->\n<!-- a -->\n", text + text} {
		if _, err := replace(wrong, "a", "new"); err == nil {
			t.Errorf("%q: no error", wrong)
		}
	}
}

func TestPath(t *testing.T) {
	for pointer, want := range map[string]string{
		"/status": ".status", "/0/id": ".[0].id", "/a/1/b": ".a[1].b", "/@id": `.["@id"]`, "/a~1b/~0c": `.["a/b"]["~c"]`,
	} {
		if got := path(pointer); got != want {
			t.Errorf("%s: %s, want %s", pointer, got, want)
		}
	}
}

// house is a small API whose answers the server below gives.
const (
	houseJSON = `{"paths":{"/thing/{id}":{
		"put":{"operationId":"putThing","summary":"Put it","x-origin":"documented","requestBody":{},"responses":{"201":{"$ref":"#/components/responses/Put"}}},
		"get":{"operationId":"getThing","summary":"Get it","x-origin":"decided","x-origin-reason":"One wants to see it.","responses":{"200":{"content":{"text/plain":{}}}}}}},
		"components":{"securitySchemes":{"b":{"type":"http","scheme":"basic"},"k":{"type":"apiKey","in":"header","name":"Key"}},
		"responses":{"Put":{"content":{"application/json":{}}}}}}`
	houseSteps = `{"workflows":[{"workflowId":"w","summary":"S","description":"D",
		"inputs":{"properties":{"user":{"default":"it's me"},"id":{"default":"7","description":"which"}}},
		"steps":[
			{"stepId":"put","description":"Put.","operationId":"putThing",
				"x-security":[{"schemeName":"b","values":{"username":"$inputs.user","password":"x!"}},{"schemeName":"k","values":{"apiKey":"$inputs.user"}}],
				"parameters":[{"name":"id","in":"path","value":"$inputs.id"},{"name":"q","in":"query","value":"$inputs.user"}],
				"requestBody":{"contentType":"application/json","payload":{"name":"$inputs.user","cost":"5 $ or ` + "`so`" + `"}},
				"successCriteria":[{"condition":"$statusCode == STATUS"},{"condition":"$response.body#/list/0/name == BODY"},
					{"condition":"$response.header.Place == 'HEADER'"},
					{"context":"$response.body","type":"jsonpath","condition":"$..[?@.name == {$inputs.user} && @.n == NUMBER]"}],
				"outputs":{"place":"$response.header.Place"}},
			{"stepId":"get","description":"Get.","x-operation":{"url":"$steps.put.outputs.place","method":"get"},
				"successCriteria":[{"condition":"$statusCode == 200"},{"condition":"$response.body#/n == 2"}],
				"onFailure":[{"type":"retry","retryAfter":1,"retryLimit":3}]}]}]}`
)

var right = strings.NewReplacer("STATUS", "201", "BODY", "$inputs.user", "HEADER", "{place}", "NUMBER", "2")

func house(t *testing.T, workflows string) *document {
	t.Helper()
	d, err := load(mount.API{
		Name: "house", Language: "en", JSON: []byte(houseJSON), WorkflowsJSON: []byte(workflows),
		Identities: []mount.Identity{{Name: "Me", Secret: "x!", Note: "may all"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParts(t *testing.T) {
	parts, err := house(t, right.Replace(houseSteps)).parts()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"identities": "| who | token or password | what |\n|---|---|---|\n| Me | `x!` | may all |\n",
		"origin": "Documented: these operations are on the page.\n\n- `PUT /thing/{id}`: Put it\n\nDecided, with the reason:\n\n" +
			"One wants to see it.\n\n- `GET /thing/{id}`: Get it\n",
		"workflows": "```sh\nbase=http://127.0.0.1:8080/api/house\n```\n\n### S\n\nD\n\n```sh\nuser='it'\\''s me'\nid=7 # which\n```\n" +
			"\n1. Put.\n\n```sh\n" +
			"answer=$(curl -sS -D headers.txt -X PUT \"$base/thing/$id?q=$(jq -rn --arg v \"$user\" '$v|@uri')\" \\\n" +
			"  -u \"$user\":'x!' \\\n  -H \"Key: $user\" \\\n  -H 'Content-Type: application/json' \\\n  -d @- <<JSON\n" +
			"{\"name\": \"$user\", \"cost\": \"5 \\$ or \\`so\\`\"}\nJSON\n)\n" +
			"place=$(sed -n 's/^Place: //Ip' headers.txt | tr -d '\\r')\n```\n\n" +
			"Answer: `201`, `.list[0].name == $user`, `Place: \"{place}\"`, an object with `.name == $user and .n == 2`\n" +
			"\n2. Get.\n\n```sh\nfor try in {1..3}; do\n  answer=$(curl -sS \"$place\")\n  jq -e '.n == 2' <<<\"$answer\" >/dev/null && break\n  sleep 1\ndone\n```\n\nAnswer: `200`, `.n == 2`\n",
	}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Error(diff)
	}
}

// What the renderer does not understand it refuses, rather than to leave it out.
func TestRefused(t *testing.T) {
	good := right.Replace(houseSteps)
	for name, change := range map[string][2]string{
		"no status":            {`{"condition":"$statusCode == 201"},`, ``},
		"an undeclared status": {`$statusCode == 201`, `$statusCode == 299`},
		"another operation":    {`"putThing"`, `"callThing"`},
		"no parameter":         {`"name":"id"`, `"name":"ix"`},
		"unknown input":        {`"value":"$inputs.id"`, `"value":"$inputs.nothing"`},
		"a later output":       {`"value":"$inputs.id"`, `"value":"$steps.get.outputs.x"`},
		"three conditions":     {` && @.n == 2`, ` && @.n == 2 && @.m == 3`},
		"another path":         {`$..[?`, `$[?`},
		"a function":           {`$response.body#/n == 2`, `length($response.body) == 2`},
		"unknown scheme":       {`"schemeName":"k"`, `"schemeName":"z"`},
		"no description":       {`"description":"Put."`, `"description":""`},
		"no default":           {`"default":"7"`, `"type":"string"`},
		"the document's body":  {`"requestBody":{"contentType"`, `"x":{"contentType"`},
		"a name twice":         {`{"place":`, `{"user":`},
		"another action":       {`"type":"retry"`, `"type":"goto"`},
	} {
		if !strings.Contains(good, change[0]) {
			t.Fatalf("%s: the steps have no %s", name, change[0])
		}
		d := house(t, strings.Replace(good, change[0], change[1], 1))
		if parts, err := d.parts(); err == nil {
			t.Errorf("%s: rendered as\n%s", name, parts["workflows"])
		}
	}
}

// The proof passes with right expectations and fails with each wrong one.
func TestProof(t *testing.T) {
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Place", "http://"+r.Host+"/here")
		if r.URL.Path == "/here" {
			_, _ = w.Write([]byte(`{"n":2}`)) // the client of a test
			return
		}
		user, password, _ := r.BasicAuth()
		var body struct{ Name, Cost string }
		err := json.NewDecoder(r.Body).Decode(&body)
		if r.Method != "PUT" || r.URL.Path != "/api/house/thing/7" || user != "it's me" || password != "x!" || r.Header.Get("Key") != user ||
			r.URL.Query().Get("q") != user || err != nil || body.Name != user || body.Cost != "5 $ or `so`" {
			http.Error(w, "not what the steps say", http.StatusTeapot)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{"list": []any{map[string]any{"name": user, "n": 2}}})
	}))
	defer server.Close()
	address := server.URL
	prove := func(status, body, header, number string) error {
		d := house(t, strings.NewReplacer("STATUS", "201", "BODY", body, "HEADER", header, "NUMBER", number).Replace(houseSteps))
		parts, err := d.parts()
		if err != nil {
			t.Fatal(err)
		}
		script, steps, err := d.script(blocks(parts["workflows"]))
		if err != nil {
			t.Fatal(err)
		}
		script = strings.ReplaceAll(script, "expect w/put 201", "expect w/put "+status)
		return execute(context.Background(), strings.ReplaceAll(script, defaultOrigin, server.URL), steps)
	}
	if err := prove("201", "$inputs.user", address+"/here", "2"); err != nil {
		t.Error(err)
	}
	for _, wrong := range [][4]string{
		{"200", "$inputs.user", address + "/here", "2"}, {"201", "'you'", address + "/here", "2"},
		{"201", "$inputs.user", address + "/there", "2"}, {"201", "$inputs.user", address + "/here", "3"},
	} {
		if err := prove(wrong[0], wrong[1], wrong[2], wrong[3]); err == nil || !strings.Contains(err.Error(), "w/put: not so") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}
