package ws

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	linesPerSecond = 5
	linesAtOnce    = 50
)

// peerLog writes lines that a peer can cause. Of each kind, which is the text of the line, some a second are written and no
// more: a log may not fill a disk because somebody connects, or sends, as often as they can.
type peerLog struct {
	log *slog.Logger

	mu    sync.Mutex
	kinds map[string]*lineKind
}

type lineKind struct {
	allowed *rate.Limiter
	leftOut int // since the last one that was written
}

func newPeerLog(log *slog.Logger) *peerLog {
	return &peerLog{log: log, kinds: make(map[string]*lineKind)}
}

// write says how many lines of its kind were left out before it, as unlogged.
func (l *peerLog) write(level slog.Level, text string, args ...any) {
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
