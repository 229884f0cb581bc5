package bench

import (
	"context"
	"time"

	"kitchen/db/load"
)

// usage is what the processes of a Postgres have computed, in milliseconds, apart by what they do.
type usage struct {
	Writers    float64 `json:"writers"`    // who write orders, with all triggers
	Node       float64 `json:"node"`       // reading for displays, listening, tidying
	Background float64 `json:"background"` // the log, checkpoints, all that has no client
	Autovacuum float64 `json:"autovacuum"`
}

// sum is without autovacuum, which works when it likes, for what was written long before.
func (u usage) sum() float64 { return u.Writers + u.Node + u.Background }

func (u usage) minus(v usage) usage {
	return usage{u.Writers - v.Writers, u.Node - v.Node, u.Background - v.Background, u.Autovacuum - v.Autovacuum}
}

func (u usage) times(f float64) usage {
	return usage{u.Writers * f, u.Node * f, u.Background * f, u.Autovacuum * f}
}

// meter adds up what the processes of a Postgres compute, each to what it was doing when it was looked at. What a process did between the
// last look at it and its end is not counted: whoever is measured keeps its connections until the last look.
type meter struct {
	postmaster int
	observer   *load.Observer
	seen       map[process]sample
	total      usage
}

// process is a process for as long as it lives: ids of processes are used again.
type process struct {
	pid   int
	began string
}

// sample is what a process had computed when it was looked at last, and what it was doing.
type sample struct {
	spent time.Duration
	role  load.Role
}

// newMeter connects to the database at url, on the bench's own Postgres. Whoever uses another database there is not counted.
func newMeter(ctx context.Context, url string) (*meter, error) {
	observer, err := load.Observe(ctx, url)
	if err != nil {
		return nil, err
	}
	return &meter{postmaster: parent(observer.Pid()), observer: observer}, nil
}

// close ends the meter's connection. m may be nil.
func (m *meter) close() {
	if m != nil {
		m.observer.Close()
	}
}

// look returns what all processes have computed. Only the difference of two looks means something. m may be nil, and then there is nothing.
//
// The time of ended children that the postmaster sums up (cutime) is exact, but of no use here: it cannot be read at the same moment as the
// children that are still there, and one that ends between the two readings is in neither, with all that it ever computed.
func (m *meter) look(ctx context.Context) (total usage, err error) {
	if m == nil {
		return total, nil
	}
	roles, err := m.observer.Roles(ctx)
	if err != nil {
		return total, err
	}
	now := make(map[process]sample)
	for _, p := range children(m.postmaster) {
		if spent, ok := threadCPU(p.pid); ok {
			now[p] = sample{spent, roles[p.pid]}
		}
	}
	m.add(now)
	return m.total, nil
}

// add counts what was computed since the last look. A process whose role is not known, because it begins or ends just now, has the one that it
// had before.
func (m *meter) add(now map[process]sample) {
	for p, s := range now {
		before := m.seen[p]
		if s.role == load.Unknown {
			s.role = before.role
			now[p] = s
		}
		spent := milliseconds(s.spent - before.spent)
		switch s.role {
		case load.Writing:
			m.total.Writers += spent
		case load.Serving:
			m.total.Node += spent
		case load.Vacuuming:
			m.total.Autovacuum += spent
		case load.Elsewhere:
		default:
			m.total.Background += spent
		}
	}
	m.seen = now
}
