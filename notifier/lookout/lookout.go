package lookout

import (
	"context"
	"log/slog"
	"time"

	"kitchen/db/order"
	"kitchen/notifier/pause"
)

const (
	every     = time.Second      // between two looks
	seldom    = 5 * time.Second  // the longest pause: an order that nobody has seen cannot wait for long
	restAfter = 100              // pauses for each time that a look takes: so it costs the database 1 % of a core at most
	breath    = 9                // the same, where even a look every 5 s costs more
	sample    = 5                // looks, of which the fastest says what one costs: the others waited for something
	patience  = 30 * time.Second // for a look
)

// Look looks once, unless another node does. pause is how long it will be until the next look.
type Look func(ctx context.Context, node string, pause time.Duration) (mine bool, alarms []order.Alarm, err error)

// LookOut is this node's part in looking for orders that nobody has seen.
type LookOut struct {
	look   Look
	node   string
	log    *slog.Logger
	raised func(order.Alarm)
	hook   *Hook

	// Owned by Run.
	took    []time.Duration // of the last looks
	mine    bool
	failing bool
}

// New makes a look-out of a node, whose name no other has. raised is called with each alarm that begins or ends while this node looks,
// and must not wait. hook may be nil.
func New(look Look, node string, log *slog.Logger, raised func(order.Alarm), hook *Hook) *LookOut {
	return &LookOut{look: look, node: node, log: log, raised: raised, hook: hook}
}

// Run looks every so often until ctx ends.
func (l *LookOut) Run(ctx context.Context) {
	for wait := pause.Jitter(every); pause.Sleep(ctx, wait); {
		wait = l.once(ctx)
	}
}

// once looks, passes on what it found, and returns how long to wait before the next look: what it has told the others.
func (l *LookOut) once(ctx context.Context) time.Duration {
	wait := l.rest()
	looking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	began := time.Now()
	mine, alarms, err := l.look(looking, l.node, wait)
	switch {
	case ctx.Err() != nil:
		return every
	case err != nil:
		if !l.failing { // said once, until it succeeds
			l.log.Warn("nobody may be looking for orders that no one has seen, trying again", "err", err)
		}
		l.failing = true
		return pause.Jitter(2 * every)
	}
	l.failing = false
	if l.mine != mine {
		l.log.Info("looking for orders that nobody has seen", "this_node", mine)
		l.mine = mine
	}
	if !mine {
		return pause.Jitter(2 * every)
	}
	l.took = append(l.took, time.Since(began))
	l.took = l.took[max(0, len(l.took)-sample):]
	for _, a := range alarms {
		l.pass(a)
	}
	return wait
}

// rest is how long to wait so that looking stays cheap, and comes in time.
func (l *LookOut) rest() time.Duration {
	if len(l.took) == 0 {
		return every
	}
	fastest := l.took[0]
	for _, took := range l.took {
		fastest = min(fastest, took)
	}
	return max(min(max(fastest*restAfter, every), seldom), fastest*breath)
}

func (l *LookOut) pass(a order.Alarm) {
	if a.Type == order.AlarmBegins {
		l.log.Warn("orders that nobody has seen", "restaurant", a.Restaurant, "reason", a.Reason, "orders", a.Orders, "age_s", a.Age)
	} else {
		l.log.Info("the alarm is over", "restaurant", a.Restaurant, "reason", a.Reason)
	}
	l.raised(a)
	if l.hook != nil {
		l.hook.Post(a)
	}
}
