package page

import "sync"

// buffers holds the bodies of answers for reuse; one that was larger than most
// is left to the collector.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }}

const keptBuffer = 2 << 20

// Buffer lends an empty buffer; after done nobody may read what was in it. (An
// http.ResponseWriter keeps nothing of what was written to it.)
func Buffer() (b *[]byte, done func()) {
	b, _ = buffers.Get().(*[]byte)
	return b, func() {
		if cap(*b) <= keptBuffer {
			*b = (*b)[:0]
			buffers.Put(b)
		}
	}
}
