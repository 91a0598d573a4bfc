package mount_test

import (
	"testing"

	"loket/handlers/mount"
)

func TestVersion(t *testing.T) {
	for want, a := range map[string]mount.API{
		"1.2.3":      {JSON: []byte(`{"openapi":"3.0.3","components":{"x":[{"info":{"version":"9"}}]},"info":{"title":"a","version":"1.2.3"},"paths":`)},
		"2.0.0":      {YAML: []byte("openapi: 3.0.3\ninfo:\n  title: A\n  description: |\n    version: 9.9\n  version: 2.0.0\nservers: []\n")},
		"3.1.0":      {YAML: []byte("openapi: 3.0.3\ninfo: {title: T, version: 3.1.0}\n")},
		"4.0.0-rc.1": {YAML: []byte("info:\n  version: \"4.0.0-rc.1\"\n")},
		"":           {YAML: []byte("paths: {}\n")},
	} {
		if got := a.Version(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
