//go:build clients

// Package walk is what the Go journeys share.
package walk

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// shown is how much of a body a failure shows, in bytes.
const shown = 1000

// Main walks a journey: url is the address of the API, doer what every request
// goes through. It prints what the journey says; when it fails, also the last
// request and its answer, without credentials.
func Main(api string, journey func(ctx context.Context, url string, doer *Doer) (string, error)) {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: journey URL")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	doer := &Doer{}
	said, err := journey(ctx, os.Args[1], doer)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s, Go client: %v\n%s", api, err, doer.last.String())
		os.Exit(1)
	}
	fmt.Printf("%s, Go client: %s\n", api, said)
}

// Doer is the HTTP client of a journey; it remembers the last exchange.
type Doer struct {
	mu   sync.Mutex
	last bytes.Buffer
}

// Do sends a request. Journeys' answers are small: they are read whole.
func (d *Doer) Do(req *http.Request) (*http.Response, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last.Reset()
	fmt.Fprintf(&d.last, "> %s %s\n", req.Method, req.URL)
	d.header(">", req.Header)
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	fmt.Fprintf(&d.last, "> %.*s\n", shown, sent)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&d.last, "< %s\n", res.Status)
	d.header("<", res.Header)
	fmt.Fprintf(&d.last, "< %.*s\n", shown, got)
	res.Body = io.NopCloser(bytes.NewReader(got))
	return res, nil
}

func (d *Doer) header(direction string, header http.Header) {
	for key, values := range header {
		switch key {
		case "Authorization", "Kspuser", "Ksptoken":
		default:
			fmt.Fprintf(&d.last, "%s %s: %s\n", direction, key, strings.Join(values, ", "))
		}
	}
}

// Header gives a request editor that sets headers: key, value, key, value…
func Header(pairs ...string) func(context.Context, *http.Request) error {
	return func(_ context.Context, req *http.Request) error {
		for i := 0; i+1 < len(pairs); i += 2 {
			req.Header.Set(pairs[i], pairs[i+1])
		}
		return nil
	}
}

// Basic gives a request editor for Basic credentials.
func Basic(user, password string) func(context.Context, *http.Request) error {
	return func(_ context.Context, req *http.Request) error {
		req.SetBasicAuth(user, password)
		return nil
	}
}

// Put brings bytes to an address that an answer gave, with no credential.
func (d *Doer) Put(ctx context.Context, url, contentType string, content []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(content))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	res, err := d.Do(req)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return Unexpected(res.StatusCode)
	}
	return nil
}

// Unexpected is the failure for an answer of another status or content than
// the journey expects; the answer itself is shown with the exchange.
func Unexpected(status int) error { return fmt.Errorf("unexpected answer %d", status) }
