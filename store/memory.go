package store

import (
	"sync"

	"modernc.org/libc"
)

// SQLite's allocator (modernc.org/memory) takes blocks of up to 16 kB out of
// pages of 64 kB, by powers of two. It gives a page back to the system as soon
// as nothing in it is used, and maps it anew for the next block of that size.
// A query that copies a document of 2 kB asks for one such block and frees it:
// measured, the two system calls were up to half of what reading a document by
// its key costs.
const (
	memoryPage    = 64 << 10
	largestBlock  = 16 << 10
	smallestBlock = 16
)

// keptPages of a size: what lives long (statements, the schema as each
// connection sees it) fills the first ones, mostly of 2 and 4 kB.
func keptPages(size int) int {
	if size == 2<<10 || size == 4<<10 {
		return 16
	}
	return 4
}

// keepMapped keeps some pages of each size in use, by one block in each, for
// the life of the program: 68 pages, 4.3 MB.
var keepMapped = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	for size := smallestBlock; size <= largestBlock; size *= 2 {
		pinned := map[uintptr]bool{}
		var others []uintptr
		for len(pinned) < keptPages(size) {
			block := libc.Xmalloc(tls, libc.Tsize_t(size))
			if page := block / memoryPage; block != 0 && !pinned[page] {
				pinned[page] = true // and never freed
				continue
			}
			others = append(others, block)
			if len(others) > keptPages(size)*memoryPage/size {
				break // no page of its own: another allocator than this was written for
			}
		}
		for _, block := range others {
			libc.Xfree(tls, block)
		}
	}
})
