package witness

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
)

// Queues reads the queues of tenants as the database has them now.
func Queues(ctx context.Context, d *db.DB, tenants []*Tenant) (map[db.RestaurantID]map[string]Shown, error) {
	ids := make([]db.RestaurantID, len(tenants))
	for i, t := range tenants {
		ids[i] = t.ID
	}
	read, err := d.Queues(ctx, ids)
	if err != nil {
		return nil, err
	}
	queues := make(map[db.RestaurantID]map[string]Shown, len(ids))
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

// Converge waits until every display is live and shows its tenant's queue as the database has it, while nobody writes. It
// returns when the last of what they needed for that had come to them, or, after a time, how they differ.
func Converge(ctx context.Context, d *db.DB, tenants []*Tenant, displays []*Display, patience time.Duration) (at time.Time, differ []string) {
	deadline := time.Now().Add(patience)
	queues, err := Queues(ctx, d, tenants)
	for err != nil && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond) // nothing signals that a server answers again
		queues, err = Queues(ctx, d, tenants)
	}
	if err != nil {
		return time.Now(), []string{"the truth cannot be read: " + err.Error()}
	}
	for _, display := range displays {
		queue := queues[display.Tenant.ID]
		if !display.Until(time.Until(deadline), func() bool { return display.Shows(queue) }) {
			differ = append(differ, display.differs(queue))
			at = time.Now()
			continue
		}
		display.mu.Lock()
		if display.settled.After(at) {
			at = display.settled
		}
		display.mu.Unlock()
	}
	return at, differ
}

// Honest looks for lies: a display that was told to be live for longer than bound while a committed change had not arrived,
// although it was live all that time. Changes that were committed while nobody had promised anything (before the display
// first was live) do not count.
func Honest(w *Writers, displays []*Display, bound time.Duration) (lies []string, slowest time.Duration) {
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
		d.Settle()
		d.mu.Lock()
		sights, lives := slices.Clone(d.sights), slices.Clone(d.lives)
		d.mu.Unlock()
		seen := map[string][]sight{}
		var replaced []time.Time
		for _, s := range sights {
			if s.id == "" {
				replaced = append(replaced, s.at)
			} else {
				seen[s.id] = append(seen[s.id], s)
			}
		}
		told := 0
		for _, c := range byTenant[d.Tenant] {
			behind := liveFor(lives, c.at, arrived(seen[c.id], replaced, closings, c))
			slowest = max(slowest, behind)
			if behind > bound && told < 3 {
				told++
				lies = append(lies, fmt.Sprintf("%s was told to be live for %v while version %d of order %s had not arrived",
					d.Name, behind.Round(time.Millisecond), c.version, c.id))
			}
		}
	}
	return lies, slowest
}

// arrived is when a display knew of a change: of its version or a later one, that the order is gone, or a whole new queue.
func arrived(seen []sight, replaced []time.Time, closings map[string]time.Time, c change) time.Time {
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
	// Of an order that came and went between two reads nobody hears, nor need anybody.
	if closed, ok := closings[c.id]; ok && closed.Before(first) && !showed(seen, closed) {
		return closed
	}
	return first
}

// showed reports whether an order stood on a display at a moment.
func showed(seen []sight, at time.Time) bool {
	shown := false
	for _, s := range seen {
		if s.at.After(at) {
			break
		}
		shown = s.status != "" && db.Status(s.status).Open()
	}
	return shown
}

// liveFor is the longest unbroken time between two moments during which a display was live.
func liveFor(lives []liveness, from, to time.Time) (longest time.Duration) {
	live, since := false, from
	i := sort.Search(len(lives), func(i int) bool { return lives[i].at.After(from) })
	if i > 0 {
		live = lives[i-1].live
	}
	for ; i < len(lives) && lives[i].at.Before(to); i++ {
		if live {
			longest = max(longest, lives[i].at.Sub(since))
		}
		live, since = lives[i].live, lives[i].at
	}
	if live {
		longest = max(longest, to.Sub(since))
	}
	return longest
}

// Phantoms returns what displays were shown and nobody ever committed: a status that an order never had, or a version beyond all
// changes that were made to it. Which version belongs to which status only the order of commits says: of two transactions that
// change one order at once, each notes the version that it sees.
func Phantoms(ctx context.Context, pool *pgxpool.Pool, displays []*Display) ([]string, error) {
	rows, err := pool.Query(ctx, `
		select n.order_id::text, n.status, greatest(max(n.version), (select sum(c.version) from kitchen.order_changes c where c.order_id = n.order_id))::bigint
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
	var phantoms []string
	for _, d := range displays {
		d.Settle()
		d.mu.Lock()
		for _, s := range d.sights {
			if most, known := newest[status{s.id, s.status}]; s.status != "" && (!known || s.version > most) && len(phantoms) < 10 {
				phantoms = append(phantoms, fmt.Sprintf("%s was shown version %d (%s) of order %s, which was never committed", d.Name, s.version, s.status, s.id))
			}
		}
		d.mu.Unlock()
	}
	return phantoms, nil
}

// Pace is how this machine does without a fault: how long the slowest of all changes so far took to every display, and how
// long the slowest in a hundred took to commit. What is measured later is compared with it, because machines differ, and
// what else they do.
func Pace(w *Writers, displays []*Display) (toDisplay, commit time.Duration) {
	_, toDisplay = Honest(w, displays, time.Hour)
	return toDisplay, w.slowest(0.99)
}

// Unharmed says how the writers fared.
func (w *Writers) Unharmed(most time.Duration) (wrong []string) {
	if committed, failed := w.Committed(); failed > 0 {
		wrong = append(wrong, fmt.Sprintf("%d writes failed and %d succeeded: %v", failed, committed, w.Example()))
	}
	if p99 := w.slowest(0.99); p99 > most {
		wrong = append(wrong, fmt.Sprintf("one write in a hundred took %v or longer", p99.Round(time.Millisecond)))
	}
	return wrong
}
