package alarm

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

// Check checks all restaurants once, unless another node does that. pause is the time until this node's next check.
type Check func(ctx context.Context, node string, pause time.Duration) (mine bool, alarms []order.Alarm, err error)

// Monitor checks for orders that nobody has seen, as long as no other node does.
type Monitor struct {
	check  Check
	node   string
	log    *slog.Logger
	raised func(order.Alarm)
	hook   *Hook

	// Owned by Run.
	took    []time.Duration // by the last checks
	mine    bool            // this node checks, and no other
	failing bool
}

// New makes the monitor of a node. Each node needs a name of its own. raised is called with each alarm that begins or ends while this
// node checks, and must not block. hook may be nil.
func New(check Check, node string, log *slog.Logger, raised func(order.Alarm), hook *Hook) *Monitor {
	return &Monitor{check: check, node: node, log: log, raised: raised, hook: hook}
}

// Run checks at once and then again and again until ctx ends. An order that comes before the first check raises its alarm later,
// because nobody knows who could have seen it.
func (m *Monitor) Run(ctx context.Context) {
	for pause.Sleep(ctx, m.once(ctx)) {
	}
}

// once checks, sends on the alarms that it found, and returns the time until the next check. The other nodes know that time.
func (m *Monitor) once(ctx context.Context) time.Duration {
	wait := m.rest()
	checking, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := time.Now()
	mine, alarms, err := m.check(checking, m.node, wait)
	switch {
	case ctx.Err() != nil:
		return interval
	case err != nil:
		if !m.failing { // logged once, until a check succeeds
			m.log.Warn("nobody may be looking for orders that no one has seen, trying again", "err", err)
		}
		m.failing = true
		return pause.Jitter(2 * interval)
	}
	m.failing = false
	if m.mine != mine {
		m.log.Info("looking for orders that nobody has seen", "this_node", mine)
		m.mine = mine
	}
	if m.hook != nil {
		defer m.hook.Wake(mine) // also for alarms of a node that looked before, and died, and of one that has no hook
	}
	if !mine {
		return pause.Jitter(2 * interval)
	}
	m.took = append(m.took, time.Since(began))
	m.took = m.took[max(0, len(m.took)-samples):]
	for _, a := range alarms {
		m.send(a)
	}
	return wait
}

// rest is the pause that keeps checks both cheap and frequent enough.
func (m *Monitor) rest() time.Duration {
	if len(m.took) == 0 {
		return interval
	}
	fastest := m.took[0]
	for _, took := range m.took {
		fastest = min(fastest, took)
	}
	return max(min(max(fastest*restFactor, interval), longest), fastest*leastFactor)
}

func (m *Monitor) send(a order.Alarm) {
	if a.Type == order.AlarmBegins {
		m.log.Warn("orders that nobody has seen", "restaurant", a.Restaurant, "reason", a.Reason, "orders", a.Orders, "age_s", a.Age)
	} else {
		m.log.Info("the alarm is over", "restaurant", a.Restaurant, "reason", a.Reason)
	}
	m.raised(a)
}
