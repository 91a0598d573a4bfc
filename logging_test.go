package main

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestServerLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &output{}
		log, flush := newServerLogger(&Config{LogLevel: slog.LevelInfo}, w)
		log.Info("een")
		if w.String() != "" {
			t.Error("a line was not gathered")
		}
		time.Sleep(logDelay) // virtual time
		synctest.Wait()
		if !strings.Contains(w.String(), "msg=een") {
			t.Errorf("after the delay: %q", w.String())
		}
		log.With("api", "capo").Info("twee")
		log.Warn("drie")
		if s := w.String(); strings.Index(s, "msg=twee") > strings.Index(s, "msg=drie") || !strings.Contains(s, "msg=drie") {
			t.Errorf("a warning waits, or lines changed places: %q", s)
		}
		log.WithGroup("g").Info("vier")
		if err := flush(); err != nil || !strings.Contains(w.String(), "msg=vier") {
			t.Errorf("after flush: %v %q", err, w.String())
		}
		log.Info("long", "text", strings.Repeat("x", logSize))
		if !strings.Contains(w.String(), "xxxx") {
			t.Error("a full buffer waits")
		}
		_ = flush()
		time.Sleep(logDelay)
	})
}
