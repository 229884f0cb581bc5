package rush

import (
	"math/rand/v2"
	"slices"
	"time"
)

// ticket is an order that somebody is about to place.
type ticket struct {
	orderType    string
	table        *string
	createdBy    *string
	customerName string
	notes        string
	allergyNote  string
	promisedAt   *time.Time
	priority     int
	lines        []line
}

type line struct {
	dish     dish
	quantity int
	notes    string
	options  []string // ids
	course   *int32   // nil: whenever it is ready
	held     bool     // until its course is fired
}

// holdCourses holds the later courses of a table that begins with a starter, until the pass fires them. It returns the held ones.
func (t *ticket) holdCourses() (held []int32) {
	first := slices.ContainsFunc(t.lines, func(l line) bool { return l.course != nil && *l.course == 1 })
	if !first || t.table == nil {
		return nil
	}
	for i := range t.lines {
		if c := t.lines[i].course; c != nil && *c > 1 {
			t.lines[i].held = true
			if !slices.Contains(held, *c) {
				held = append(held, *c)
			}
		}
	}
	slices.Sort(held)
	return held
}

// order makes up what the next guests order. Its shares are those of a full house that also delivers: most eat in, one
// order in eight carries a note, one in twelve an allergy.
func (c *carte) order(r *rand.Rand, now time.Time) ticket {
	t := ticket{orderType: "dine_in"}
	switch p := r.Float64(); {
	case p < 0.18:
		t.orderType = "takeaway"
	case p < 0.35:
		t.orderType = "delivery"
	}
	if t.orderType == "dine_in" {
		t.table = pickID(r, c.tables)
		t.createdBy = pickID(r, c.waiters)
	} else {
		t.customerName = pick(r, c.phrases.customers)
		promised := now.Add(time.Duration(15+r.IntN(30)) * time.Minute).Truncate(5 * time.Minute).Add(5 * time.Minute)
		t.promisedAt = &promised
		if t.orderType == "takeaway" {
			t.createdBy = pickID(r, c.waiters)
		}
	}
	if r.Float64() < 0.12 {
		t.notes = pick(r, c.phrases.orderNotes)
	}
	if r.Float64() < 0.08 {
		t.allergyNote = pick(r, c.phrases.allergyNotes)
	}
	if r.Float64() < 0.04 {
		t.priority = 1
	}
	// Three to four lines on average, one in twenty a large party.
	n := 1 + r.IntN(4) + r.IntN(3)
	if r.Float64() < 0.05 {
		n += 4 + r.IntN(8)
	}
	for range n {
		t.lines = append(t.lines, c.line(r))
	}
	return t
}

func (c *carte) line(r *rand.Rand) line {
	l := line{dish: pick(r, c.dishes), quantity: 1}
	l.course = l.dish.course.number()
	if r.Float64() < 0.25 {
		l.quantity += 1 + r.IntN(3)
	}
	if r.Float64() < 0.1 && l.dish.course != drink && l.dish.course != coffee {
		l.notes = pick(r, c.phrases.lineNotes)
	}
	for _, i := range r.Perm(len(c.options)) {
		if o := c.options[i]; o.goesWith(l.dish.course) {
			if len(l.options) == 3 || r.Float64() < 0.55 {
				break
			}
			l.options = append(l.options, o.id)
		}
	}
	return l
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func pickID(r *rand.Rand, ids []string) *string {
	if len(ids) == 0 {
		return nil
	}
	id := pick(r, ids)
	return &id
}
