package store

import (
	"log/slog"
	"time"
)

// LogSlow makes statements slow at d.
func (db *DB) LogSlow(log *slog.Logger, d time.Duration) {
	db.gorm.Logger = gormLog{log: log, slow: d}
}

// Commits is how often the writer of SQLite waited for the disk.
func (db *DB) Commits() int64 { return db.writer.commits.Load() }
