package apitest

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"loket/handlers"
	"loket/handlers/mount"
)

// answers are the pairs of operation and status that the tests have seen.
type answers struct {
	mu   sync.Mutex
	seen map[string]bool
}

var seen = answers{seen: map[string]bool{}}

func (a *answers) add(api, operation string, status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[pair(api, operation, strconv.Itoa(status))] = true
}

func pair(api, operation, status string) string { return api + " " + operation + " " + status }

// missing lists what an API's document declares and no test has seen. A range
// ("4XX") and "default" cannot be produced as such and are passed over.
func (a *answers) missing(api mount.API) ([]string, error) {
	operations, err := api.Document().Operations()
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for _, o := range operations {
		for _, status := range o.Statuses() {
			if _, err := strconv.Atoi(status); err == nil && !a.seen[pair(documentOf(api), o.ID, status)] {
				out = append(out, fmt.Sprintf("%s %s (%s): %s", o.Method, o.Path, o.ID, status))
			}
		}
	}
	return out, nil
}

// Main is the TestMain of an API's tests: after a full run that passed it
// fails when an answer that the document declares was never produced. An
// answer that it does not declare has failed its own test already. Further
// forms of the API are judged too: what their documents declare must have been
// produced under each of them.
func Main(m *testing.M, api string, forms ...func() mount.API) {
	code := m.Run()
	if code == 0 && full() {
		code = judge(api, forms...)
	}
	os.Exit(code)
}

func judge(name string, forms ...func() mount.API) int {
	apis := handlers.APIs(handlers.Deps{})
	i := slices.IndexFunc(apis, func(a mount.API) bool { return a.Name == name })
	if i < 0 {
		fmt.Fprintf(os.Stderr, "contract coverage: there is no API %q\n", name)
		return 1
	}
	code := 0
	judged := []mount.API{apis[i]}
	for _, form := range forms {
		judged = append(judged, form())
	}
	for _, api := range judged {
		missing, err := seen.missing(api)
		if err != nil {
			fmt.Fprintf(os.Stderr, "contract coverage: %v\n", err)
			code = 1
		}
		if len(missing) > 0 {
			fmt.Fprintf(os.Stderr, "contract coverage: %d declared answers of %s were never produced:\n  %s\n",
				len(missing), documentOf(api), strings.Join(missing, "\n  "))
			code = 1
		}
	}
	return code
}

// full tells whether all tests were asked for.
func full() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.bench", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return !testing.Short()
}
