package blobs

import (
	"testing"

	"loket/store/storetest"
)

func TestDrift(t *testing.T) { storetest.Drift(t, Migrations(), &ticketRow{}) }
