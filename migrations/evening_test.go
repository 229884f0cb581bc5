package migrations_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// evening is a house in which time passes at once, and nodes check for orders that nobody has seen.
type evening struct {
	*house
	ids  map[string]string // of orders, by the names that the test gives them
	last time.Time         // when time passed last
}

func newEvening(t *testing.T) *evening { return &evening{open(t), map[string]string{}, time.Now()} }

func (e *evening) exec(sql string, args ...any) {
	e.Helper()
	if _, err := e.pool.Exec(e.Context(), sql, args...); err != nil {
		e.Fatalf("%s: %v", sql, err)
	}
}

// pass lets time pass: everything that has happened is so much longer ago. The time that the test itself has taken counts, too.
func (e *evening) pass(d time.Duration) {
	e.Helper()
	now := time.Now()
	s := fmt.Sprintf("interval '%d milliseconds'", (d - now.Sub(e.last)).Milliseconds())
	e.last = now
	e.exec(strings.ReplaceAll(`
		update kitchen.order_changes set changed_at = changed_at - $d;
		alter table orders disable trigger "~orders_complete_update";
		update orders set kitchen_came_at = kitchen_came_at - $d, kitchen_changed_at = kitchen_changed_at - $d;
		alter table orders enable always trigger "~orders_complete_update";
		update orders set promised_at = promised_at - $d where promised_at is not null;
		update kitchen.sightings set seen_at = seen_at - $d;
		update kitchen.screens set seen_at = seen_at - $d;
		update kitchen.alarms set noticed_at = noticed_at - $d, raised_at = raised_at - $d, oldest_since = oldest_since - $d;
		update kitchen.unseen_check set due_at = due_at - $d, since = since - $d`, "$d", s))
}

func (e *evening) order(name, columns, values string) {
	e.Helper()
	if columns != "" {
		columns, values = ", "+columns, ", "+values
	}
	e.ids[name] = e.one(`insert into orders (restaurant_id` + columns + `) values ('` + e.a + `'` + values + `) returning id::text`)
}

// screens says that a node has so many displays of the restaurant.
func (e *evening) screens(node string, count int) {
	e.Helper()
	e.exec(`delete from kitchen.screens where node = $1`, node)
	if count > 0 {
		e.exec(`insert into kitchen.screens (node, restaurant_id, count) values ($1, $2, $3)`, node, e.a, count)
	}
}

func (e *evening) saw(how string, names ...string) {
	e.Helper()
	for _, name := range names {
		e.exec(`select kitchen.note_sightings(array[$1]::kitchen.restaurant_key[], array[$2]::kitchen.order_key[],
			array[(select version from kitchen.order_versions v where v.order_id = $2::text::uuid)], array[$3::text], array[0], array[7], 'n1')`, e.a, e.ids[name], how)
	}
}

// look has a node look once, and returns what it says, as "no_display on 2 of soup" or "no_display over".
func (e *evening) look(node string) (said []string, mine bool) {
	e.Helper()
	var docs []string
	if err := e.pool.QueryRow(e.Context(), `select kitchen.check_unseen($1, '1 second')`, node).Scan(&docs); err != nil {
		e.Fatal(err)
	}
	for _, doc := range docs {
		var a struct {
			Type, Reason, RestaurantID string
			Orders                     int
			Oldest                     string `json:"oldest_order_id"`
			Number                     int
			Age                        *int `json:"age_s"`
		}
		if err := json.Unmarshal([]byte(doc), &a); err != nil || a.Age == nil || !strings.Contains(doc, `"restaurant_id":"`+e.a+`"`) || !strings.Contains(doc, `"oldest_order_number":`) {
			e.Fatalf("%s: %v", doc, err)
		}
		name := "?"
		for n, id := range e.ids {
			if id == a.Oldest {
				name = n
			}
		}
		switch a.Type {
		case "alarm":
			said = append(said, fmt.Sprintf("%s on %d of %s", a.Reason, a.Orders, name))
		case "alarm_over":
			said = append(said, a.Reason+" over")
		default:
			e.Errorf("type %q", a.Type)
		}
	}
	return said, docs != nil
}

// watch has a node look every second for a while, during which the others keep writing their screens, and returns all that it says.
func (e *evening) watch(node string, seconds int) (said []string) {
	e.Helper()
	for range seconds {
		e.pass(time.Second)
		e.exec(`update kitchen.screens set seen_at = now()`)
		now, _ := e.look(node)
		said = append(said, now...)
	}
	return said
}

func (e *evening) want(got []string, want ...string) {
	e.Helper()
	if !slices.Equal(got, want) {
		e.Errorf("said %q, want %q", got, want)
	}
}

// pastGrace begins an evening on which the grace period is over.
func pastGrace(t *testing.T) *evening {
	e := newEvening(t)
	e.want(e.watch("n1", 12))
	return e
}
