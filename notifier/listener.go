package notifier

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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

// session is the part of a session that runs on pgxlisten's goroutine, which owns all of its fields.
type session struct {
	listener  *listener
	pgx       *pgxlisten.Listener
	listening map[string]bool
	begun     chan struct{} // closed when the control channel is listened to
}

// HandleBacklog is called when LISTEN on the control channel has been answered.
func (s *session) HandleBacklog(context.Context, string, *pgx.Conn) error {
	l := s.listener
	l.mu.Lock()
	for channel := range l.wanted {
		l.changed[channel] = true
	}
	again := l.begun
	l.begun = true
	l.mu.Unlock()
	if again {
		// The way is open. What was asked while it was not may wait for answers that never come.
		l.freshPool()
		l.notifier.reader.renew()
	}
	close(s.begun)
	return nil
}

// HandleNotification is called for what comes on the control channel: our canaries, and perhaps somebody's forgeries,
// which do no harm: it listens to what is wanted and to nothing else.
func (s *session) HandleNotification(ctx context.Context, n *pgconn.Notification, conn *pgx.Conn) error {
	l := s.listener
	var listen, unlisten []string
	var kitchens []*kitchen

	l.mu.Lock()
	if l.heard == nil || n.Payload != l.nonce { // no canary flies, or this is not it: somebody else's
		l.mu.Unlock()
		return nil
	}
	close(l.heard)
	l.nonce, l.heard = "", nil
	for channel := range l.changed {
		k := l.wanted[channel]
		if k != nil {
			listen, kitchens = append(listen, channel), append(kitchens, k)
		} else if s.listening[channel] {
			unlisten = append(unlisten, channel)
		}
	}
	clear(l.changed)
	l.mu.Unlock()

	for chunk := range slices.Chunk(listen, maxListen) {
		if err := db.Listen(ctx, conn, chunk, nil); err != nil {
			return err // which ends the session; the next listens to all that is wanted
		}
	}
	for chunk := range slices.Chunk(unlisten, maxListen) {
		if err := db.Listen(ctx, conn, nil, chunk); err != nil {
			return err
		}
	}
	for i, channel := range listen {
		s.listening[channel] = true
		s.pgx.Handle(channel, hint{kitchens[i]})
	}
	for _, channel := range unlisten {
		delete(s.listening, channel) // its handler stays: hints for a kitchen that nobody watches mark nothing of use
	}
	l.live(kitchens)
	return nil
}

// hint takes notifications of a restaurant's channel. It only marks what may have changed: it runs on the goroutine that
// reads the connection, and a listener that does not read holds up every writer of the cluster in the end.
type hint struct{ kitchen *kitchen }

// HandleNotification believes nothing of a notification but that something may have happened, and, to show it, who did it.
func (h hint) HandleNotification(_ context.Context, n *pgconn.Notification, _ *pgx.Conn) error {
	h.kitchen.notifier.cfg.Meter.Heard()
	if id, ok := orderOf(n.Payload); ok {
		h.kitchen.reader.markOrder(h.kitchen, id, wordOf(n.Payload))
		return nil
	}
	h.kitchen.reader.markHinted(h.kitchen)
	return nil
}

// orderOf finds the order that a payload names. Those of our triggers are known by their form: reading them as JSON takes
// the goroutine that listens twenty times as long (33 µs and 1.6 on a busy machine). What somebody else sends may be JSON, too.
func orderOf(payload string) (db.OrderID, bool) {
	if _, rest, ok := strings.Cut(payload, `","order_id":"`); ok && len(rest) > 36 && rest[36] == '"' {
		if id, err := db.ParseOrderID(rest[:36]); err == nil && strings.HasPrefix(payload, `{"type":"`) {
			return id, true
		}
	}
	var hint struct {
		OrderID string `json:"order_id"`
	}
	if err := json.Unmarshal([]byte(payload), &hint); err != nil {
		return "", false
	}
	id, err := db.ParseOrderID(hint.OrderID)
	return id, err == nil
}

// userHint takes notifications of users who changed, which are hints like any other.
type userHint struct{ changed func([]db.UserID) }

// HandleBacklog is called when LISTEN has been answered: whatever changed before that was not heard of.
func (h userHint) HandleBacklog(context.Context, string, *pgx.Conn) error {
	h.changed(nil)
	return nil
}

// HandleNotification asks after everybody where it is not told who changed.
func (h userHint) HandleNotification(_ context.Context, n *pgconn.Notification, _ *pgx.Conn) error {
	var payload struct {
		UserID string `json:"user_id"`
	}
	if json.Unmarshal([]byte(n.Payload), &payload) == nil && payload.UserID != "" {
		if id, err := db.ParseUserID(payload.UserID); err == nil {
			h.changed([]db.UserID{id})
			return nil
		}
	}
	h.changed(nil)
	return nil
}

// errDeaf ends a session whose connection brings no notifications any more, though none has failed: half-open, say.
var errDeaf = errors.New("a notification that was committed has not arrived")

// fly sends canaries, one a second and one whenever channels change, through the pool and so on the way of any writer's
// notifications, until one that was committed is not heard in time. It returns why it stopped.
func (l *listener) fly(ctx context.Context) error {
	every := time.NewTicker(l.cfg.CanaryEvery)
	defer every.Stop()
	for {
		if err := l.canary(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.nudges:
		case <-every.C:
		}
	}
}

func (l *listener) canary(ctx context.Context) error {
	nonce, heard, began := rand.Text(), make(chan struct{}), time.Now()
	l.mu.Lock()
	l.nonce, l.heard = nonce, heard
	l.mu.Unlock()

	if err := l.commit(ctx, nonce, heard); err != nil || ctx.Err() != nil {
		return err
	}
	timer := time.NewTimer(l.cfg.DeafAfter)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-heard:
		l.cfg.Meter.Canary(time.Since(began))
		return nil
	case <-timer.C:
		return errDeaf
	}
}

// commit sends the canary and waits until it is committed. While that takes long it finds out why. It may be the connection,
// of the pool, which is dead and does not say so: then another one succeeds. Or writes are blocked, by a missing
// synchronous standby, say, or by a transaction that hangs with the lock that every notifying commit takes, while the
// database answers otherwise: that is not our deafness, and connecting again would only add to the queue.
func (l *listener) commit(ctx context.Context, nonce string, heard <-chan struct{}) error {
	for hung := 0; ; hung++ {
		// With the question below no longer than it may take to notice.
		attempt, giveUp := context.WithTimeout(ctx, l.cfg.DeafAfter*3/5)
		err := l.cfg.DB.Notify(attempt, l.control, nonce)
		timedOut := attempt.Err() != nil
		giveUp()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			if hung > 1 {
				l.log.Info("writes are not blocked any more")
			}
			return nil
		case db.Blocked(err):
			if hung <= 1 {
				l.log.Warn("writes are blocked: another transaction holds the lock of all notifying commits", "err", err)
			}
			hung = max(hung, 1)
			continue
		case !timedOut:
			return err
		}
		select {
		case <-heard: // whatever became of the answer
			return nil
		default:
		}
		probe, cancel := context.WithTimeout(ctx, l.cfg.DeafAfter*2/5)
		_, err = l.cfg.DB.Now(probe)
		cancel()
		if err != nil {
			return fmt.Errorf("the database does not answer: %w", err)
		}
		if hung == 1 {
			l.log.Warn("writes are blocked: commits hang, though the database answers; look for wait events SyncRep and Lock in pg_stat_activity")
		}
	}
}
