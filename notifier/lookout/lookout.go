package lookout

import (
	"context"
	"log/slog"
	"time"

	"kitchen/db/order"
	"kitchen/notifier/pause"
)

const (
	interval    = time.Second      // between two checks, where they are cheap
	longest     = 5 * time.Second  // the longest pause: an unseen order must be reported soon
	restFactor  = 100              // the pause is at least this many times as long as a check: it costs the database at most 1 % of a core
	leastFactor = 9                // the same where a check every 5 s costs more than that: at most 10 % of a core
	samples     = 5                // the last checks; the fastest of them counts, because the others waited for something
	timeout     = 30 * time.Second // of one check
)

// Look checks all restaurants once, unless another node does that. pause is the time until this node's next check.
type Look func(ctx context.Context, node string, pause time.Duration) (mine bool, alarms []order.Alarm, err error)

// LookOut checks for orders that nobody has seen, as long as no other node does.
type LookOut struct {
	look   Look
	node   string
	log    *slog.Logger
	raised func(order.Alarm)
	hook   *Hook

	// Owned by Run.
	took    []time.Duration // by the last checks
	mine    bool            // this node checks, and no other
	failing bool
}

// New makes the look-out of a node. Each node needs a name of its own. raised is called with each alarm that begins or ends while this
// node checks, and must not block. hook may be nil.
func New(look Look, node string, log *slog.Logger, raised func(order.Alarm), hook *Hook) *LookOut {
	return &LookOut{look: look, node: node, log: log, raised: raised, hook: hook}
}

// Run checks at once and then again and again until ctx ends. An order that comes before the first check raises its alarm later,
// because nobody knows who could have seen it.
func (l *LookOut) Run(ctx context.Context) {
	for pause.Sleep(ctx, l.once(ctx)) {
	}
}

// once checks, sends on the alarms that it found, and returns the time until the next check. The other nodes know that time.
func (l *LookOut) once(ctx context.Context) time.Duration {
	wait := l.rest()
	looking, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := time.Now()
	mine, alarms, err := l.look(looking, l.node, wait)
	switch {
	case ctx.Err() != nil:
		return interval
	case err != nil:
		if !l.failing { // logged once, until a check succeeds
			l.log.Warn("nobody may be looking for orders that no one has seen, trying again", "err", err)
		}
		l.failing = true
		return pause.Jitter(2 * interval)
	}
	l.failing = false
	if l.mine != mine {
		l.log.Info("looking for orders that nobody has seen", "this_node", mine)
		l.mine = mine
	}
	if !mine {
		return pause.Jitter(2 * interval)
	}
	l.took = append(l.took, time.Since(began))
	l.took = l.took[max(0, len(l.took)-samples):]
	for _, a := range alarms {
		l.send(a)
	}
	if l.hook != nil {
		l.hook.Wake() // also for alarms of a node that looked before, and died
	}
	return wait
}

// rest is the pause that keeps checks both cheap and frequent enough.
func (l *LookOut) rest() time.Duration {
	if len(l.took) == 0 {
		return interval
	}
	fastest := l.took[0]
	for _, took := range l.took {
		fastest = min(fastest, took)
	}
	return max(min(max(fastest*restFactor, interval), longest), fastest*leastFactor)
}

func (l *LookOut) send(a order.Alarm) {
	if a.Type == order.AlarmBegins {
		l.log.Warn("orders that nobody has seen", "restaurant", a.Restaurant, "reason", a.Reason, "orders", a.Orders, "age_s", a.Age)
	} else {
		l.log.Info("the alarm is over", "restaurant", a.Restaurant, "reason", a.Reason)
	}
	l.raised(a)
}
