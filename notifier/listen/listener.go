package listen

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/notifier/pause"
)

// Config is what a [Listener] needs: all of it.
type Config struct {
	DB          *db.DB // through whose pool canaries are sent; the pool is made anew with the connection
	URL         string // a direct address of the primary, not through a pooler
	Log         *slog.Logger
	Meter       Meter
	Reconnected func()        // called when the database can be reached again: what was asked before may never be answered
	CanaryEvery time.Duration // how often a canary is sent
	DeafAfter   time.Duration // how long a committed canary may take to arrive
}

// Meter counts what a [Listener] does. Its methods must return at once.
type Meter interface {
	// Canary measures a canary, from before its commit until it arrived.
	Canary(took time.Duration)
	// Listening counts a session whose canaries arrive; the first is no reconnect.
	Listening()
}

// Listener holds the one connection of this process that listens. It has one session after the other, each with a connection of
// its own: connect, LISTEN to the control channel, receive the first canary, listen to every wanted channel, and only then have
// the handlers read. A session that gets that far begins a [Generation], unless changes are not announced.
type Listener struct {
	// Static after construction.
	cfg     Config
	log     *slog.Logger
	control string        // the name of our own channel
	nudges  chan struct{} // holds one token while changed is not empty
	dial    func(context.Context) (*pgx.Conn, error)

	current   atomic.Pointer[Generation] // nil while there is none
	receiving atomic.Bool                // the canaries of the present session arrive

	// Guarded by mu.
	mu      sync.Mutex
	begun   bool               // there has been a session
	blocked map[string]bool    // what keeps changes from being announced
	wanted  map[string]Handler // by channel
	changed map[string]bool    // channels that the connection does not listen to as it is wanted
	canary  *canary            // the one that is on its way, or nil
}

// New makes a listener, which does nothing until [Listener.Run].
func New(cfg Config) *Listener {
	return &Listener{
		cfg: cfg, log: cfg.Log,
		control: "kitchen_node_" + rand.Text(),
		nudges:  make(chan struct{}, 1),
		dial:    func(ctx context.Context) (*pgx.Conn, error) { return db.ConnectListener(ctx, cfg.URL) },
		blocked: make(map[string]bool),
		wanted:  make(map[string]Handler),
		changed: make(map[string]bool),
	}
}

// Receiving reports whether notifications arrive, announced or not.
func (l *Listener) Receiving() bool { return l.receiving.Load() }

// Run holds session after session until ctx ends. The first retry comes at once, and the longest pause is a second, so that
// notifications arrive again within two seconds of the moment when the database is back.
func (l *Listener) Run(ctx context.Context) {
	backoff := pause.NewBackoff()
	for attempt := 0; ; attempt++ {
		err := l.runSession(ctx)
		if l.receiving.Swap(false) {
			attempt = 0
			backoff.Reset()
			l.resetPool()
		}
		if l.endGeneration(); ctx.Err() != nil {
			return
		}
		if attempt == 0 || errors.Is(err, db.ErrStandby) || errors.Is(err, db.ErrPooler) {
			l.log.Warn("not listening to the database, connecting again", "err", err)
		}
		if !pause.Sleep(ctx, backoff.NextBackOff()) {
			return
		}
	}
}

// resetPool makes the pool connect anew: its connections take the same way as the listener's, and may be broken as well.
func (l *Listener) resetPool() {
	if err := l.cfg.DB.Reset(); err != nil {
		l.log.Error("the pool cannot be made anew", "err", err)
	}
}

// listens is called when a canary has arrived and every wanted channel is listened to. added are the handlers of the channels
// that were not before.
func (l *Listener) listens(added []Handler) {
	if !l.receiving.Swap(true) {
		l.cfg.Meter.Listening()
		l.log.Info("listening to the database", "channels", len(added))
	}
	l.beginGeneration()
	for _, h := range added {
		h.Listening(l.Generation())
	}
}
