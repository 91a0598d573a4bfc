package geverdb

import (
	"sync"
	"time"
)

// freshness is how old something may be in a cache: another process may have
// changed it.
const freshness = time.Second

// maxCached bounds a cache; strangers choose what is asked for.
const maxCached = 10_000

// fresh keeps what was read a moment ago. The zero value is empty and ready.
type fresh[T any] struct {
	mu    sync.Mutex
	found map[string]cached[T]
}

type cached[T any] struct {
	value T
	at    time.Time
}

// get is the value of key, read anew when it is older than freshness. A
// failure is not kept.
func (f *fresh[T]) get(now time.Time, key string, read func() (T, error)) (T, error) {
	f.mu.Lock()
	c, ok := f.found[key]
	f.mu.Unlock()
	if age := now.Sub(c.at); ok && age >= 0 && age < freshness {
		return c.value, nil
	}
	value, err := read()
	if err != nil {
		return value, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.found) >= maxCached || f.found == nil {
		f.found = map[string]cached[T]{}
	}
	f.found[key] = cached[T]{value, now}
	return value, nil
}

// drop forgets a value that this process has just changed.
func (f *fresh[T]) drop(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.found, key)
}
