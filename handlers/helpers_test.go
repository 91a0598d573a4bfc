package handlers_test

import (
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"loket/handlers"
)

func scrape(t *testing.T, m *handlers.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// dial opens a bare connection that the test's end closes.
func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // the test has read what it wanted
	return conn.(*net.TCPConn)
}

// eventually waits until a thing that runs beside the test has come about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for start := time.Now(); !ok(); {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("%s: not within ten seconds", what)
		}
		<-time.After(time.Millisecond)
	}
}
