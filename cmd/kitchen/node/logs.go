package node

import (
	"io"
	"log/slog"

	"kitchen/db"
)

const (
	Normal = slog.LevelInfo
	Quiet  = slog.LevelWarn // where the terminal is for something else
)

// NewLog writes logs as text or as JSON, one line each. Their keys are few and always mean the same.
func NewLog(w io.Writer, format string, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if err, ok := a.Value.Any().(error); ok { // also one that somebody logs as it is: it may hold a database's address
			a.Value = slog.StringValue(db.ErrorText(err))
		}
		return a
	}}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
