package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

func newLogger(c *Config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// A line of the log of a server may be this late, so that many requests are
// one write; warnings and errors are written at once.
const (
	logDelay = 100 * time.Millisecond
	logSize  = 64 << 10 // bytes that are written without waiting for more
)

// lateWriter gathers what is written for a moment.
type lateWriter struct {
	mu    sync.Mutex
	w     io.Writer
	lines []byte
	armed bool
}

// Write keeps p, and has it written soon.
func (l *lateWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, p...)
	switch {
	case len(l.lines) >= logSize:
		return len(p), l.flush()
	case !l.armed:
		l.armed = true
		time.AfterFunc(logDelay, func() { _ = l.Flush() }) // nobody to tell that the log cannot be written
	}
	return len(p), nil
}

// Flush writes what was gathered.
func (l *lateWriter) Flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.armed = false
	return l.flush()
}

func (l *lateWriter) flush() error {
	if len(l.lines) == 0 {
		return nil
	}
	_, err := l.w.Write(l.lines)
	l.lines = l.lines[:0]
	return err
}

// promptHandler flushes after a line that somebody may be waiting for.
type promptHandler struct {
	slog.Handler

	out *lateWriter
}

func (h promptHandler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		err = h.out.Flush()
	}
	return err
}

func (h promptHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return promptHandler{h.Handler.WithAttrs(attrs), h.out}
}

func (h promptHandler) WithGroup(name string) slog.Handler {
	return promptHandler{h.Handler.WithGroup(name), h.out}
}

// newServerLogger is a logger that gathers lines, and what ends it.
func newServerLogger(c *Config, w io.Writer) (log *slog.Logger, flush func() error) {
	late := &lateWriter{w: w}
	return slog.New(promptHandler{newLogger(c, late).Handler(), late}), late.Flush
}
