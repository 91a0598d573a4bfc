package konovadb

import (
	"testing"

	"loket/store/storetest"
)

// TestDrift: the migrations make what the rows of today describe.
func TestDrift(t *testing.T) {
	storetest.Drift(t, Migrations(), &userRow{}, &tokenRow{}, &codeRow{}, &entryRow{}, &documentRow{}, &shareRow{}, &orderRow{}, &stateRow{})
}
