package notifier

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgxlisten"

	"kitchen/db"
)

// listener holds the one connection of this process that listens. Its life is a row of sessions, each with a connection
// and a pgxlisten.Listener of its own: connect, LISTEN, hear the first canary, and only then, with every channel listened
// to, read. Each session that gets that far is a generation, unless changes are not announced.
//
// pgxlisten cannot add a channel to a running Listener, but runs its handlers on the goroutine that owns the connection:
// a notification on this process's own control channel is how other goroutines get there.
type listener struct {
	// Static after construction.
	cfg      Config
	log      *slog.Logger
	notifier *Notifier
	control  string        // the name of our own channel
	nudges   chan struct{} // holds one token while channels are to be listened to, or no more
	dial     func(context.Context) (*pgx.Conn, error)

	current atomic.Pointer[generation] // nil while deaf, or while changes are not announced
	hears   atomic.Bool                // a session hears its canaries

	mu      sync.Mutex
	begun   bool                // there has been a session; guarded by mu
	blocked [blockers]bool      // what keeps changes from being announced; guarded by mu
	wanted  map[string]*kitchen // the channels of watched restaurants; guarded by mu
	changed map[string]bool     // channels that are not yet as wanted; guarded by mu
	canary  *canary             // the one that is on its way, or nil; guarded by mu
}

func newListener(cfg Config, n *Notifier) *listener {
	return &listener{
		cfg: cfg, log: cfg.Log, notifier: n,
		control: "kitchen_node_" + rand.Text(),
		nudges:  make(chan struct{}, 1),
		dial:    func(ctx context.Context) (*pgx.Conn, error) { return db.ConnectListener(ctx, cfg.ListenURL) },
		wanted:  make(map[string]*kitchen),
		changed: make(map[string]bool),
	}
}

// generation is the one of now, or nil.
func (l *listener) generation() *generation { return l.current.Load() }

// run holds session after session until ctx ends. The first retry comes at once; pauses grow to a second, so that all is
// well within two of the moment when the database is back.
func (l *listener) run(ctx context.Context) {
	pause := firstRetry
	for attempt := 0; ; attempt++ {
		err := l.session(ctx)
		if l.hears.Swap(false) {
			attempt, pause = 0, firstRetry
			l.freshPool()
		}
		if l.endGeneration(); ctx.Err() != nil {
			return
		}
		if attempt == 0 || errors.Is(err, db.ErrStandby) || errors.Is(err, db.ErrPooler) {
			l.log.Warn("not listening to the database, connecting again", "err", err)
		}
		if !sleep(ctx, jitter(pause)) {
			return
		}
		pause = min(pause*2, lastRetry)
	}
}

// session connects and listens until the connection fails, a canary does not arrive or ctx ends. It returns why it ended.
func (l *listener) session(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)

	// pgxlisten would reconnect by itself, and then listen to its channels one by one. A session ends with its connection.
	connected := false
	listen := &pgxlisten.Listener{
		ReconnectDelay: -1, // none: see Connect
		Connect: func(ctx context.Context) (*pgx.Conn, error) {
			if connected {
				return nil, errors.New("the connection is lost")
			}
			connected = true
			return l.connect(ctx)
		},
		LogError: func(_ context.Context, err error) { end(err) },
	}
	s := &session{listener: l, pgx: listen, listening: make(map[string]bool), begun: make(chan struct{})}
	listen.Handle(l.control, s)
	if l.cfg.Users != nil {
		listen.Handle(db.UsersChannel, userHints{l.cfg.Users})
	}

	var canaries sync.WaitGroup
	canaries.Go(func() {
		select {
		case <-ctx.Done():
		case <-s.begun:
			end(l.sendCanaries(ctx))
		}
	})
	_ = listen.Listen(ctx)
	end(nil)
	canaries.Wait()
	return context.Cause(ctx)
}

// freshPool makes the pool begin anew: its connections went the same way as the listener's, and may be as dead.
func (l *listener) freshPool() {
	if err := l.cfg.DB.Reset(); err != nil {
		l.log.Error("the pool cannot be made anew", "err", err)
	}
}

// listens says that every wanted channel is listened to, so that a generation begins, unless there is one, and kitchens whose
// channels have just been added can be read.
func (l *listener) listens(added []*kitchen) {
	if !l.hears.Swap(true) {
		l.cfg.Meter.Listening()
		l.log.Info("listening to the database", "restaurants", len(added))
	}
	l.mu.Lock()
	if l.current.Load() == nil && l.blocked == [blockers]bool{} {
		l.current.Store(&generation{})
	}
	l.mu.Unlock()
	for _, k := range added {
		l.notifier.reader.markListening(k, l.generation())
	}
}

// endGeneration makes every kitchen say that it is not live.
func (l *listener) endGeneration() {
	ended := l.current.Swap(nil)
	if ended == nil {
		return
	}
	ended.ended.Store(true)
	l.mu.Lock()
	kitchens := make([]*kitchen, 0, len(l.wanted))
	for _, k := range l.wanted {
		kitchens = append(kitchens, k)
	}
	l.mu.Unlock()
	for _, k := range kitchens {
		k.checkLive()
	}
}
