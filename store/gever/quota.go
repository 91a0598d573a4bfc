package gever

import "loket/store/fault"

// OverQuota refuses what a private folder has no room for. Both are bytes.
func OverQuota(quota, used int64) error {
	return fault.New(fault.Forbidden, QuotaExceeded, "The quota of the private folder is exceeded: it may hold %d bytes, %d are in use.", quota, used)
}
