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
	"kitchen/notifier/listen"
)

// Notifier watches restaurants for their subscribers. Its methods may be called from any goroutine.
type Notifier struct {
	// Static after construction.
	cfg      Config
	log      *slog.Logger
	reader   *reader
	listener *listen.Listener
	presence *presence
	alarms   *alarms

	events        atomic.Uint64                     // numbers the events of all restaurants
	clock         atomic.Int64                      // nanoseconds by which the database's is ahead of ours
	wrongTriggers atomic.Pointer[[]db.TriggerFault] // as of the last check

	mu       sync.Mutex
	kitchens map[order.RestaurantID]*kitchen // watched restaurants; guarded by mu
	closed   bool                            // guarded by mu
}

// New makes a notifier, which does nothing until [Notifier.Run].
func New(cfg Config) (*Notifier, error) {
	if cfg.DB == nil || cfg.ListenURL == "" {
		return nil, errors.New("a notifier needs a database and an address to listen at")
	}
	cfg.setDefaults()
	n := &Notifier{cfg: cfg, log: cfg.Log, kitchens: make(map[order.RestaurantID]*kitchen), alarms: newAlarms()}
	n.reader = newReader(cfg.DB, cfg.Log, cfg.Meter, cfg.DeafAfter)
	n.presence = newPresence(n)
	n.listener = listen.New(listen.Config{
		DB: cfg.DB, URL: cfg.ListenURL, Log: cfg.Log, Meter: cfg.Meter, Reconnected: n.reader.abandonReads,
		CanaryEvery: cfg.CanaryEvery, DeafAfter: cfg.DeafAfter,
	})
	n.listener.Listen(db.AlarmsChannel, n.alarms)
	if cfg.Users != nil {
		n.listener.Listen(db.UsersChannel, &userHints{cfg.Users, cfg.Devices, cfg.DB.Keys})
	}
	return n, nil
}

// Run works until ctx ends, then waits for everything that it started, and returns nil. It survives outages of the
// database of any length, also one at its start.
func (n *Notifier) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, work := range []func(context.Context){n.listener.Run, n.reader.run, n.checkQueues, n.checkTriggers, n.gaugeQueue, n.presence.run, n.followAlarms} {
		running.Go(func() { work(ctx) })
	}
	running.Wait()

	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for _, k := range n.kitchens {
		k.stopTimers()
	}
	return nil
}

// Live reports whether changes are announced, and their notifications reach this process. A kitchen is live when, besides, it
// has read its queue since.
func (n *Notifier) Live() bool { return n.listener.Generation() != nil }

// Subscribe delivers the messages of a restaurant to a subscriber. A restaurant may have several; the first makes it watched. Subscribe
// delivers whether the feed is live and returns; a snapshot comes after [Subscription.Refresh].
func (n *Notifier) Subscribe(id order.RestaurantID, to Subscriber) *Subscription {
	return n.subscribe(id, to, false)
}

// SubscribePickup is [Notifier.Subscribe] for pick-up screens: whatever happens, their messages hold the numbers of orders and, where
// the restaurant wants that, first names, and nothing else of an order. Each holds the whole.
func (n *Notifier) SubscribePickup(id order.RestaurantID, to Subscriber) *Subscription {
	return n.subscribe(id, to, true)
}

func (n *Notifier) subscribe(id order.RestaurantID, to Subscriber, pickup bool) *Subscription {
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
		k.updateAlarms()
		n.watch(k)
	}
	s := &Subscription{kitchen: k, to: to, pickup: pickup}
	k.add(s)
	return s
}

// unsubscribed counts down what Subscribe counted up. A restaurant without subscribers is watched for a while longer, so that a
// page that is loaded again costs nothing.
func (n *Notifier) unsubscribed(k *kitchen) {
	n.mu.Lock()
	defer n.mu.Unlock()
	k.subscribers--
	if k.subscribers > 0 || n.closed {
		return
	}
	if k.unwatchTimer != nil {
		k.unwatchTimer.Stop()
	}
	k.unwatchTimer = time.AfterFunc(n.cfg.UnwatchAfter, func() { n.unwatch(k) })
}

// listenTimeout is how long a display waits for LISTEN before it gets a queue that says live:false. LISTEN is issued when a
// canary arrives, which waits while writes are blocked.
const listenTimeout = 500 * time.Millisecond

// watch adds the channel of a kitchen to those that are listened to; its queue is read after that. A display that joins while LISTEN is
// impossible does not wait for it: it gets the queue as it can be read, which says that it is not live.
func (n *Notifier) watch(k *kitchen) {
	n.listener.Listen(k.id.Channel(), k)
	if n.listener.Generation() == nil {
		n.reader.markQueue(k)
		return
	}
	n.startListenTimeout(k)
}

// startListenTimeout has a kitchen read after listenTimeout, if its channel is not listened to by then. Subscribers may leave and
// come back meanwhile; all that wait by then are answered.
func (n *Notifier) startListenTimeout(k *kitchen) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.closed {
		k.listenTimeout = time.AfterFunc(listenTimeout, func() { n.reader.markNotListening(k) })
	}
}

// unwatch ends the watching of a kitchen, unless somebody subscribed since the timer was started.
func (n *Notifier) unwatch(k *kitchen) {
	n.mu.Lock()
	if k.subscribers > 0 || n.kitchens[k.id] != k {
		n.mu.Unlock()
		return
	}
	delete(n.kitchens, k.id)
	k.stopTimers()
	n.mu.Unlock()
	n.listener.Unlisten(k.id.Channel(), k)
	n.reader.forget(k)
}

// stopTimers is called with notifier.mu held.
func (k *kitchen) stopTimers() {
	for _, timer := range []*time.Timer{k.unwatchTimer, k.listenTimeout} {
		if timer != nil {
			timer.Stop()
		}
	}
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

// Watched is how many restaurants are watched now.
func (n *Notifier) Watched() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.kitchens)
}

// Trouble returns a sentence for an operator for each thing that is wrong with the feed.
func (n *Notifier) Trouble() []string {
	var trouble []string
	if !n.listener.Receiving() {
		trouble = append(trouble, "notifications of the database do not arrive")
	}
	if n.listener.Blocked(fullQueue) {
		trouble = append(trouble, "the server's notification queue is full, and changes are not announced")
	}
	if wrong := n.wrongTriggers.Load(); wrong != nil {
		for _, w := range *wrong {
			trouble = append(trouble, "changes are not announced as they should be: "+w.Means)
		}
	}
	return trouble
}

// Watches reports whether a restaurant is watched, and whether its displays were sent that they are live.
func (n *Notifier) Watches(id order.RestaurantID) (watched, live bool) {
	n.mu.Lock()
	k := n.kitchens[id]
	n.mu.Unlock()
	if k == nil {
		return false, false
	}
	k.seq.Lock()
	defer k.seq.Unlock()
	return true, k.live
}
