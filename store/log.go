package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"gorm.io/gorm/logger"
)

// slow is how long one statement may take before it is worth a line.
const slow = time.Second

// gormLog writes slow statements as warnings, without the values in them.
// Errors are not written here: they rise, and are logged once where they are
// answered; many are expected (a unique value that is taken).
type gormLog struct {
	log  *slog.Logger
	slow time.Duration
}

func (l gormLog) LogMode(logger.LogLevel) logger.Interface { return l }

func (l gormLog) Info(context.Context, string, ...any) {}

func (l gormLog) Warn(ctx context.Context, text string, _ ...any) {
	l.log.WarnContext(ctx, "store", slog.String("warning", text))
}

func (l gormLog) Error(ctx context.Context, text string, _ ...any) {
	l.log.ErrorContext(ctx, "store", slog.String("error", text))
}

func (l gormLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), _ error) {
	if d := time.Since(begin); d >= l.slow {
		sql, rows := statement()
		l.log.WarnContext(ctx, "slow statement", slog.String("sql", sql), slog.Int64("rows", rows),
			slog.String("duration", fmt.Sprintf("%dms", d.Milliseconds())))
	}
}

// ParamsFilter keeps the values out of the statement's text.
func (l gormLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}
