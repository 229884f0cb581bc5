package limit

import (
	"context"
	"log"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	linesPerSecond = 5
	linesAtOnce    = 50
)

// Log writes log lines that a peer can cause, at most some a second of each text. Otherwise a peer that connects or sends as
// fast as it can would fill the disk.
type Log struct {
	log *slog.Logger

	mu    sync.Mutex
	kinds map[string]*lineKind
}

type lineKind struct {
	allowed *rate.Limiter
	leftOut int // since the last one that was written
}

// NewLog makes one that writes to log.
func NewLog(log *slog.Logger) *Log {
	return &Log{log: log, kinds: make(map[string]*lineKind)}
}

// Write logs a line. The attribute unlogged says how many lines with the same text were left out before it.
func (l *Log) Write(level slog.Level, text string, args ...any) {
	if !l.log.Enabled(context.Background(), level) {
		return
	}
	l.mu.Lock()
	kind := l.kinds[text]
	if kind == nil {
		kind = &lineKind{allowed: rate.NewLimiter(linesPerSecond, linesAtOnce)}
		l.kinds[text] = kind
	}
	if !kind.allowed.AllowN(time.Now(), 1) {
		kind.leftOut++
		l.mu.Unlock()
		return
	}
	leftOut := kind.leftOut
	kind.leftOut = 0
	l.mu.Unlock()
	if leftOut > 0 {
		args = append(args, "unlogged", leftOut)
	}
	l.log.Log(context.Background(), level, text, args...)
}

// ForHTTP is where a server of net/http writes what goes wrong with connections: a peer causes each such line, by a handshake that
// fails, say. They are of one kind, for debugging; a handler that panics is an error.
func (l *Log) ForHTTP() *log.Logger { return log.New(httpLines{l}, "", 0) }

type httpLines struct{ log *Log }

func (h httpLines) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	if strings.HasPrefix(text, "http: panic serving") {
		h.log.Write(slog.LevelError, "a request made its handler panic", "err", text)
	} else {
		h.log.Write(slog.LevelDebug, "a connection of HTTP failed", "err", text)
	}
	return len(line), nil
}
