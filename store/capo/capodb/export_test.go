package capodb

import (
	"testing"

	"loket/store/accounts"
	"loket/store/blobs"
	"loket/store/storetest"
)

// Drift compares the rows of today with the tables that the migrations make.
func Drift(t *testing.T) {
	storetest.Drift(t, append(append(accounts.Migrations(), blobs.Migrations()...), Migrations()...), rows()...)
}
