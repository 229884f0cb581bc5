package notifier

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgxlisten"

	"kitchen/db"
)

const (
	// impatience is how long a display waits for LISTEN before it gets a queue that says live:false. LISTEN is issued on
	// a notification of our own, which waits while writes are blocked.
	impatience = 500 * time.Millisecond
	// connectTimeout bounds one attempt to connect, of which maxAttempts may be under way.
	connectTimeout = 5 * time.Second
	maxAttempts    = 5
	// maxListen channels are named in one round trip.
	maxListen = 1000
)

// listener holds the one connection of this process that listens. Its life is a row of sessions, each with a connection
// and a pgxlisten.Listener of its own: connect, LISTEN, hear the first canary, and only then, with every channel listened
// to, read. Each session that gets that far is a generation.
//
// pgxlisten cannot add a channel to a running Listener, but runs its handlers on the goroutine that owns the connection:
// a notification on this process's own control channel is how other goroutines get there.
type listener struct {
	// Static after construction.
	cfg      Config
	log      *slog.Logger
	notifier *Notifier
	control  string        // the name of our own channel
	nudges   chan struct{} // of one token: channels are wanted or not wanted any more

	current atomic.Uint64 // the generation, or 0 while deaf or hindered
	hears   atomic.Bool   // a session hears its canaries

	mu      sync.Mutex
	begun   bool                // a session has been had; guarded by mu
	hinders [hindrances]bool    // what keeps changes from being announced; guarded by mu
	last    uint64              // the last generation; guarded by mu
	wanted  map[string]*kitchen // channels of watched restaurants; guarded by mu
	changed map[string]bool     // channels that are not yet as wanted; guarded by mu
	nonce   string              // of the canary that flies; guarded by mu
	heard   chan struct{}       // closed when it is heard; guarded by mu
}

func newListener(cfg Config, n *Notifier) *listener {
	return &listener{
		cfg: cfg, log: cfg.Log, notifier: n,
		control: "kitchen_node_" + rand.Text(),
		nudges:  make(chan struct{}, 1),
		wanted:  make(map[string]*kitchen),
		changed: make(map[string]bool),
	}
}

// generation is the number of the session that is live now, or 0.
func (l *listener) generation() uint64 { return l.current.Load() }

// want makes a kitchen's channel listened to; its queue is read then. A display that joins while nothing can be listened
// to is not left waiting: it gets the queue as it can be read, and is told that it is not live.
func (l *listener) want(k *kitchen) {
	l.mu.Lock()
	l.wanted[k.id.Channel()] = k
	l.changed[k.id.Channel()] = true
	l.mu.Unlock()
	l.nudge()
	if l.generation() == 0 {
		l.notifier.reader.markQueue(k)
		return
	}
	l.notifier.after(impatience, k, func() { l.notifier.reader.markUnheard(k) })
}

func (l *listener) unwant(k *kitchen) {
	l.mu.Lock()
	if l.wanted[k.id.Channel()] == k {
		delete(l.wanted, k.id.Channel())
		l.changed[k.id.Channel()] = true
	}
	l.mu.Unlock()
	l.nudge()
}

func (l *listener) nudge() {
	select {
	case l.nudges <- struct{}{}:
	default:
	}
}

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

// session connects and listens until the connection fails, the canary dies or ctx ends. It returns why it ended.
func (l *listener) session(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)

	// pgxlisten would reconnect by itself, and then listen to its channels one by one. A session ends with its connection.
	connected := false
	listen := &pgxlisten.Listener{
		ReconnectDelay: time.Millisecond,
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
		listen.Handle(db.UsersChannel, userHint{l.cfg.Users})
	}

	var canary sync.WaitGroup
	canary.Go(func() {
		select {
		case <-ctx.Done():
		case <-s.begun:
			end(l.fly(ctx))
		}
	})
	_ = listen.Listen(ctx)
	end(nil)
	canary.Wait()
	return context.Cause(ctx)
}

// connect makes a connection. A way that swallows packets must not hold us for long, and a slow one needs time: so while an
// attempt gets no answer, another begins each second, and the first that succeeds is taken.
func (l *listener) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	type outcome struct {
		conn *pgx.Conn
		err  error
	}
	outcomes := make(chan outcome)
	again := time.NewTicker(lastRetry)
	defer again.Stop()
	for under := 0; ; {
		if under == 0 || under < maxAttempts {
			under++
			go func() {
				conn, err := db.ConnectListener(ctx, l.cfg.ListenURL)
				outcomes <- outcome{conn, err}
			}()
		}
		select {
		case <-again.C:
			continue
		case first := <-outcomes:
			cancel()
			for under--; under > 0; under-- {
				if late := <-outcomes; late.err == nil {
					_ = late.conn.Close(ctx)
				}
			}
			return first.conn, first.err
		}
	}
}

// freshPool makes the pool begin anew: its connections went the same way as the listener's, and may be as dead.
func (l *listener) freshPool() {
	if err := l.cfg.DB.Reset(); err != nil {
		l.log.Error("the pool cannot be made anew", "err", err)
	}
}

// live begins a generation, unless there is one: every wanted channel is listened to, so everything can be read.
func (l *listener) live(kitchens []*kitchen) {
	if !l.hears.Swap(true) {
		l.cfg.Meter.Listening()
		l.log.Info("listening to the database", "restaurants", len(kitchens))
	}
	l.mu.Lock()
	if l.current.Load() == 0 && l.hinders == [hindrances]bool{} {
		l.last++
		l.current.Store(l.last)
	}
	l.mu.Unlock()
	for _, k := range kitchens {
		l.notifier.reader.markHeard(k, l.generation())
	}
}

// endGeneration makes every kitchen say that it is not live.
func (l *listener) endGeneration() {
	if l.current.Swap(0) == 0 {
		return
	}
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
