package notifier

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"kitchen/db"
	"kitchen/db/order"
)

// Subscriber takes the messages of a restaurant, in order, from one goroutine at a time. It must not block, and must not call
// its [Subscription].
type Subscriber interface {
	Deliver(m order.Message)
}

// Config is what a [Notifier] needs. Zero durations mean the defaults.
type Config struct {
	DB *db.DB
	// ListenURL is a direct address of the primary, not through a pooler, for the connection that listens.
	ListenURL string
	Log       *slog.Logger
	// Users is told which users may have changed, or that all may have (nil), as after each time of hearing nothing. It is
	// called on the goroutine that listens: it must not wait, and calls may come as fast as somebody forges notifications.
	// Optional.
	Users func(changed []db.UserID)
	Meter Meter // nil: nobody counts

	Linger      time.Duration // how long a restaurant without displays is still watched; 30 s
	CheckEvery  time.Duration // how often queues are compared with the database, or up to 30 % sooner; 30 s
	CanaryEvery time.Duration // how often the way of a notification is tried; 1 s
	DeafAfter   time.Duration // how long a committed canary may stay unheard; 2 s
	GaugeEvery  time.Duration // how often the server's notification queue is measured, and moved on; 10 s
}

func (c *Config) setDefaults() {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.Linger, 30 * time.Second},
		{&c.CheckEvery, 30 * time.Second},
		{&c.CanaryEvery, time.Second},
		{&c.DeafAfter, 2 * time.Second},
		{&c.GaugeEvery, 10 * time.Second},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.Meter == nil {
		c.Meter = silent{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// Notifier watches restaurants for their subscribers. Its methods may be called from any goroutine.
type Notifier struct {
	// Static after construction.
	cfg      Config
	log      *slog.Logger
	reader   *reader
	listener *listener

	events        atomic.Uint64            // numbers the events of all restaurants
	clock         atomic.Int64             // nanoseconds by which the database's is ahead of ours
	wrongTriggers atomic.Pointer[[]string] // as of the last check

	mu       sync.Mutex
	kitchens map[db.RestaurantID]*kitchen // watched restaurants; guarded by mu, as is kitchen.subscribers
	closed   bool
}

// New makes a notifier, which does nothing until [Notifier.Run].
func New(cfg Config) (*Notifier, error) {
	if cfg.DB == nil || cfg.ListenURL == "" {
		return nil, errors.New("a notifier needs a database and an address to listen at")
	}
	cfg.setDefaults()
	n := &Notifier{cfg: cfg, log: cfg.Log, kitchens: make(map[db.RestaurantID]*kitchen)}
	n.reader = newReader(cfg.DB, cfg.Log, cfg.Meter)
	n.listener = newListener(cfg, n)
	return n, nil
}

// Run works until ctx ends, then waits for everything that it started, and returns nil. It survives outages of the
// database of any length, also one at its start.
func (n *Notifier) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, work := range []func(context.Context){n.listener.run, n.reader.run, n.checkQueues, n.checkTriggers, n.gaugeQueue} {
		running.Go(func() { work(ctx) })
	}
	running.Wait()

	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for _, k := range n.kitchens {
		if k.timer != nil {
			k.timer.Stop()
		}
	}
	return nil
}

// Live reports whether changes are announced, and their notifications reach this process. A kitchen is live when, besides, it has read its queue since.
func (n *Notifier) Live() bool { return n.listener.generation() != 0 }

// Subscribe has the messages of a restaurant delivered to a subscriber, of which a restaurant may have several. The first
// makes the restaurant watched. Subscribe delivers whether the feed is live and returns; a snapshot comes after
// [Subscription.Refresh].
func (n *Notifier) Subscribe(id order.RestaurantID, to Subscriber) *Subscription {
	n.mu.Lock()
	k := n.kitchens[id]
	fresh := k == nil
	if fresh {
		k = newKitchen(id, n)
		n.kitchens[id] = k
	}
	k.subscribers++
	n.mu.Unlock()

	if fresh {
		n.listener.want(k)
	}
	s := &Subscription{kitchen: k, to: to}
	k.add(s)
	return s
}

// unsubscribed is the other half of Subscribe: a restaurant that nobody looks at is watched for a while, so that a page that is
// loaded again costs nothing.
func (n *Notifier) unsubscribed(k *kitchen) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k.subscribers--
	if k.subscribers == 0 && !n.closed {
		if k.timer != nil {
			k.timer.Stop()
		}
		k.timer = time.AfterFunc(n.cfg.Linger, func() { n.unwatch(k) })
	}
}

// after calls f once d has passed, unless the kitchen is given up before.
func (n *Notifier) after(d time.Duration, k *kitchen, f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed && k.timer == nil {
		k.timer = time.AfterFunc(d, f)
	}
}

func (n *Notifier) unwatch(k *kitchen) {
	n.mu.Lock()
	if k.subscribers > 0 || n.kitchens[k.id] != k {
		n.mu.Unlock()
		return
	}
	delete(n.kitchens, k.id)
	n.mu.Unlock()
	n.listener.unwant(k)
}

// watched returns all kitchens of the moment.
func (n *Notifier) watched() []*kitchen {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]*kitchen, 0, len(n.kitchens))
	for _, k := range n.kitchens {
		all = append(all, k)
	}
	return all
}

// Subscription has the messages of a restaurant delivered until it is ended.
type Subscription struct {
	kitchen *kitchen
	to      Subscriber

	waiting bool // for a snapshot; guarded by reader.mu
}

// Refresh asks for a snapshot. It returns at once; requests made before the answer are answered together.
func (s *Subscription) Refresh() { s.kitchen.reader.refresh(s, !s.kitchen.notifier.Live()) }

// Unsubscribe ends the subscription: after it returned, nothing more is delivered. It may be called once.
func (s *Subscription) Unsubscribe() {
	s.kitchen.remove(s)
	s.kitchen.notifier.unsubscribed(s.kitchen)
}
