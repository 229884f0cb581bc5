package faulttest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kitchen/db"
	"kitchen/db/order"
)

// Queues reads the queues of tenants as the database has them now.
func Queues(ctx context.Context, d *db.DB, tenants []*Tenant) (map[order.RestaurantID]map[string]Shown, error) {
	ids := make([]order.RestaurantID, len(tenants))
	for i, t := range tenants {
		ids[i] = t.ID
	}
	read, err := d.Queues(ctx, ids)
	if err != nil {
		return nil, err
	}
	queues := make(map[order.RestaurantID]map[string]Shown, len(ids))
	for _, id := range ids {
		queues[id] = map[string]Shown{}
		if read[id] == nil {
			continue
		}
		for _, o := range read[id].Orders {
			doc, err := json.Marshal(&o)
			if err != nil {
				return nil, err
			}
			orderID, _, shown, err := toShown(doc)
			if err != nil {
				return nil, err
			}
			queues[id][orderID] = shown
		}
	}
	return queues, nil
}

// Converge waits, while nobody writes, until every display is live and shows its tenant's queue as the database has it. It returns
// when the last message came that they needed, or, after the timeout, how they differ.
func Converge(ctx context.Context, d *db.DB, tenants []*Tenant, displays []*Display, timeout time.Duration) (at time.Time, differ []string) {
	deadline := time.Now().Add(timeout)
	queues, err := Queues(ctx, d, tenants)
	for err != nil && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond) // nothing signals that a server answers again
		queues, err = Queues(ctx, d, tenants)
	}
	if err != nil {
		return time.Now(), []string{"the queues cannot be read from the database: " + err.Error()}
	}
	for _, display := range displays {
		queue := queues[display.Tenant.ID]
		if !display.Until(time.Until(deadline), func() bool { return display.Shows(queue) }) {
			differ = append(differ, display.differs(queue))
			at = time.Now()
			continue
		}
		display.mu.Lock()
		if display.lastChange.After(at) {
			at = display.lastChange
		}
		display.mu.Unlock()
	}
	return at, differ
}

// LiveWhileBehind finds displays that were live for longer than bound while a committed change had not arrived. Changes from before a
// display was first live do not count. slowest is the longest such time, also below bound.
func LiveWhileBehind(w *Writers, displays []*Display, bound time.Duration) (wrong []string, slowest time.Duration) {
	w.mu.Lock()
	changes := slices.Clone(w.changes)
	w.mu.Unlock()
	byTenant, closings := map[*Tenant][]change{}, map[string]time.Time{}
	for _, c := range changes {
		byTenant[c.tenant] = append(byTenant[c.tenant], c)
		if c.closes {
			closings[c.id] = c.at
		}
	}
	for _, d := range displays {
		d.Flush()
		d.mu.Lock()
		observations, liveChanges := slices.Clone(d.observations), slices.Clone(d.liveChanges)
		d.mu.Unlock()
		seen := map[string][]observation{}
		var replaced []time.Time
		for _, s := range observations {
			if s.id == "" {
				replaced = append(replaced, s.at)
			} else {
				seen[s.id] = append(seen[s.id], s)
			}
		}
		reported := 0
		for _, c := range byTenant[d.Tenant] {
			behind := liveFor(liveChanges, c.at, arrived(seen[c.id], replaced, closings, c))
			slowest = max(slowest, behind)
			if behind > bound && reported < 3 {
				reported++
				wrong = append(wrong, fmt.Sprintf("%s was live for %v while version %d of order %s had not arrived",
					d.Name, behind.Round(time.Millisecond), c.version, c.id))
			}
		}
	}
	return wrong, slowest
}

// arrived is when a display received a change: its version or a later one, the order's deletion, or a whole new queue.
func arrived(seen []observation, replaced []time.Time, closings map[string]time.Time, c change) time.Time {
	first := time.Now()
	for _, s := range seen {
		if s.version >= c.version {
			first = s.at
			break
		}
	}
	for _, at := range replaced {
		if at.After(c.began) && at.Before(first) {
			first = at
			break
		}
	}
	// An order that was opened and closed between two reads is never sent, and need not be.
	if closed, ok := closings[c.id]; ok && closed.Before(first) && !showed(seen, closed) {
		return closed
	}
	return first
}

// showed reports whether a display showed an order at a moment.
func showed(seen []observation, at time.Time) bool {
	shown := false
	for _, s := range seen {
		if s.at.After(at) {
			break
		}
		shown = s.status != "" && order.Status(s.status).Open()
	}
	return shown
}

// liveFor is the longest time without interruption, between two moments, for which a display was live.
func liveFor(liveChanges []liveChange, from, to time.Time) (longest time.Duration) {
	live, since := false, from
	i := sort.Search(len(liveChanges), func(i int) bool { return liveChanges[i].at.After(from) })
	if i > 0 {
		live = liveChanges[i-1].live
	}
	for ; i < len(liveChanges) && liveChanges[i].at.Before(to); i++ {
		if live {
			longest = max(longest, liveChanges[i].at.Sub(since))
		}
		live, since = liveChanges[i].live, liveChanges[i].at
	}
	if live {
		longest = max(longest, to.Sub(since))
	}
	return longest
}

// NeverCommitted finds what displays showed and nobody ever committed: a status that an order never had, or a version beyond all changes
// of the order. A version cannot be matched with its status: of two concurrent transactions on one order, each records the version that
// it sees.
func NeverCommitted(ctx context.Context, pool *pgxpool.Pool, displays []*Display) ([]string, error) {
	rows, err := pool.Query(ctx, `
		select n.order_id::text, n.status, greatest(max(n.version), (select v.version from kitchen.order_versions v where v.order_id = n.order_id))::bigint
		  from noted_versions n group by n.order_id, n.status`)
	if err != nil {
		return nil, err
	}
	type status struct{ id, status string }
	newest := make(map[status]int64)
	var is status
	var version int64
	if _, err := pgx.ForEachRow(rows, []any{&is.id, &is.status, &version}, func() error { newest[is] = version; return nil }); err != nil {
		return nil, err
	}
	var found []string
	for _, d := range displays {
		d.Flush()
		d.mu.Lock()
		for _, s := range d.observations {
			if most, known := newest[status{s.id, s.status}]; s.status != "" && (!known || s.version > most) && len(found) < 10 {
				found = append(found, fmt.Sprintf("%s showed version %d (%s) of order %s, which was never committed", d.Name, s.version, s.status, s.id))
			}
		}
		d.mu.Unlock()
	}
	return found, nil
}

// Baseline measures this machine without a fault: the slowest delivery of a change to all displays, and the slowest commit in a hundred.
// Later measurements are compared with it, because machines, and the load on them, differ.
func Baseline(w *Writers, displays []*Display) (toDisplay, commit time.Duration) {
	_, toDisplay = LiveWhileBehind(w, displays, time.Hour)
	return toDisplay, w.slowest(0.99)
}

// WriteProblems lists failed writes, and reports when one commit in a hundred took longer than most.
func (w *Writers) WriteProblems(most time.Duration) (wrong []string) {
	if committed, failed := w.Committed(); failed > 0 {
		wrong = append(wrong, fmt.Sprintf("%d writes failed and %d succeeded: %v", failed, committed, w.Example()))
	}
	if p99 := w.slowest(0.99); p99 > most {
		wrong = append(wrong, fmt.Sprintf("one write in a hundred took %v or longer", p99.Round(time.Millisecond)))
	}
	return wrong
}
