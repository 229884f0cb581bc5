package bench

import (
	"context"
	"strings"

	"kitchen/db/load"
)

// usage is what the processes of a Postgres have computed, apart by what they do.
type usage struct {
	Writers    float64 `json:"writers"`    // who write orders, with all triggers
	Node       float64 `json:"node"`       // reading for displays, listening, tidying
	Background float64 `json:"background"` // the log, checkpoints, all that has no client
	Autovacuum float64 `json:"autovacuum"`
}

func (u usage) sum() float64 { return u.Writers + u.Node + u.Background }

func (u usage) plus(v usage) usage { return u.minus(v.times(-1)) }

func (u usage) minus(v usage) usage {
	return usage{u.Writers - v.Writers, u.Node - v.Node, u.Background - v.Background, u.Autovacuum - v.Autovacuum}
}

func (u usage) times(f float64) usage {
	return usage{u.Writers * f, u.Node * f, u.Background * f, u.Autovacuum * f}
}

// meter adds up what the processes of a Postgres compute, in milliseconds. It has to look often: what a process did after it was looked at
// last, or between two looks, is not counted.
type meter struct {
	postmaster int
	observer   *load.Observer
	running    map[int]usage // of each process, when it was looked at last
	ended      usage         // of processes that are gone
}

// look returns what all processes have computed since they began.
func (m *meter) look(ctx context.Context) (total usage, err error) {
	writers, err := m.observer.Sessions(ctx)
	if err != nil {
		return total, err
	}
	if m.running == nil {
		m.running = make(map[int]usage)
	}
	for pid, u := range m.running {
		if parent(pid) != m.postmaster {
			m.ended = m.ended.plus(u)
			delete(m.running, pid)
		}
	}
	for _, pid := range children(m.postmaster) {
		spent := milliseconds(threadCPU(pid))
		writes, client := writers[pid]
		var u usage
		switch {
		case pid == m.observer.Pid():
			continue
		case strings.Contains(title(pid), "autovacuum worker"):
			u.Autovacuum = spent
		case client && writes:
			u.Writers = spent
		case client:
			u.Node = spent
		default:
			u.Background = spent
		}
		m.running[pid] = u
	}
	total = m.ended
	for _, u := range m.running {
		total = total.plus(u)
	}
	return total, nil
}
