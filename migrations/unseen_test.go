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

func TestOrderWithoutAnyDisplayRaisesOneAlarm(t *testing.T) {
	t.Parallel()
	e := pastGrace(t)
	e.order("soup", "", "")
	e.want(e.watch("n1", 4))
	e.want(e.watch("n1", 2), "no_display on 1 of soup")
	if waits := e.one(`select string_agg(alarm, ' ') from kitchen.alarm_posts`); !strings.HasPrefix(waits, `{"type":"alarm",`) || strings.Count(waits, "type") != 1 {
		t.Errorf("to be posted waits %s", waits)
	}
	e.exec(`update kitchen.alarm_posts set made_at = made_at - interval '11 minutes'`)
	e.want(e.watch("n1", 1))
	if waits := e.one(`select count(*)::text from kitchen.alarm_posts`); waits != "0" {
		t.Errorf("nobody posts, and %s wait", waits)
	}
	e.order("cake", "", "")
	e.want(e.watch("n1", 60))
	e.screens("n1", 1)
	e.want(e.watch("n1", 1), "no_display over") // it has the time to start up
	e.saw("painted", "soup", "cake")
	e.want(e.watch("n1", 60))
	e.saw("touched", "cake")
	e.want(e.watch("n1", 33), "not_touched on 1 of soup")
	e.saw("touched", "soup")
	e.want(e.watch("n1", 100), "not_touched over")
	if left := e.one(`select count(*)::text from kitchen.alarms`); left != "0" {
		t.Errorf("%s rows of alarms are left", left)
	}
}

func TestDisplayThatNeverPaintsRaisesAnAlarm(t *testing.T) {
	t.Parallel()
	e := pastGrace(t)
	e.screens("n1", 2)
	e.order("soup", "", "")
	e.want(e.watch("n1", 7)) // it has 2 s to say that it has painted
	e.want(e.watch("n1", 2), "not_painted on 1 of soup")
	e.exec(`update orders set status = 'cancelled' where id = $1`, e.ids["soup"])
	e.want(e.watch("n1", 30), "not_painted over")
	// One that paints in time raises none, nor does one whose orders are begun elsewhere.
	e.order("cake", "", "")
	e.pass(3 * time.Second)
	e.saw("painted", "cake")
	e.want(e.watch("n1", 80))
	e.exec(`update orders set status = 'preparing' where id = $1`, e.ids["cake"])
	e.want(e.watch("n1", 100))
}

func TestOrderForLaterIsExpectedWhenWorkAtItBegins(t *testing.T) {
	t.Parallel()
	e := pastGrace(t)
	e.order("dinner", "promised_at", "now() + interval '61 minutes'")
	e.want(e.watch("n1", 50))
	if unseen := e.one(`select count(*)::text from kitchen.unseen`); unseen != "0" {
		t.Error("an order for later is unseen")
	}
	e.want(e.watch("n1", 30), "no_display on 1 of dinner")
	e.order("rush", "promised_at, priority", "now() + interval '5 hours', 1")
	if unseen := e.one(`select count(*)::text from kitchen.unseen`); unseen != "2" {
		t.Error("an order in a rush waits for its time")
	}
}

func TestSettingsDecideAfterHowLongAlarmsAreRaised(t *testing.T) {
	t.Parallel()
	e := pastGrace(t)
	e.exec(`insert into kitchen.settings (restaurant_id, alarm_no_display_after, alarm_not_painted_after, alarm_not_touched_after)
		values ($1, '20 s', '1 s', '10 s')`, e.a)
	e.order("soup", "", "")
	e.want(e.watch("n1", 19))
	e.want(e.watch("n1", 2), "no_display on 1 of soup")
	e.screens("n1", 1)
	e.saw("painted", "soup")
	e.want(e.watch("n1", 9), "no_display over")
	e.want(e.watch("n1", 2), "not_touched on 1 of soup")
}

// After an outage, of the database or of all nodes, orders from that time raise an alarm only when displays had time to come back;
// those that come later raise it as ever; and what was on before goes on.
func TestAfterAnOutageNothingIsFalse(t *testing.T) {
	t.Parallel()
	e := pastGrace(t)
	e.screens("n1", 1)
	e.order("soup", "", "")
	e.pass(time.Minute) // nobody looks, and nobody paints
	e.exec(`delete from kitchen.screens`)
	e.want(e.watch("n1", 3)) // no display yet
	e.screens("n1", 1)
	e.want(e.watch("n1", 3))
	e.saw("painted", "soup")
	e.want(e.watch("n1", 80))
	e.saw("touched", "soup")

	e.order("cake", "", "")
	e.pass(time.Minute)
	e.want(e.watch("n1", 9))
	e.want(e.watch("n1", 3), "not_painted on 1 of cake") // a true one soon after

	e.pass(time.Minute)
	e.exec(`delete from kitchen.screens`)
	e.want(e.watch("n1", 9)) // neither over nor raised anew
	e.want(e.watch("n1", 3), "no_display on 1 of cake", "not_painted over")
}

func TestAnotherNodeTakesOverAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	e := pastGrace(t)
	e.order("soup", "", "")
	e.want(e.watch("n1", 6), "no_display on 1 of soup")
	if _, mine := e.look("n2"); mine {
		t.Error("two nodes check")
	}
	e.pass(2 * time.Second)
	if _, mine := e.look("n2"); mine {
		t.Error("a node takes over though the other is hardly late")
	}
	e.pass(1500 * time.Millisecond)
	said, mine := e.look("n2")
	if !mine {
		t.Error("no node takes over from one that was killed")
	}
	e.want(said)
	e.want(e.watch("n2", 20))
	if _, mine := e.look("n1"); mine {
		t.Error("the first one looks again, and two do")
	}
	e.exec(`update orders set status = 'ready'`)
	e.want(e.watch("n2", 3), "no_display over")
	// Without a gap there is no grace period: a new order raises its alarm as ever.
	e.order("cake", "", "")
	e.pass(3500 * time.Millisecond)
	e.want(e.watch("n1", 3), "no_display on 1 of cake")
}

func TestOnlyTheOrdersOfItsRestaurantAreSeen(t *testing.T) {
	t.Parallel()
	e := pastGrace(t)
	e.order("soup", "", "")
	note := func(restaurant, how string, version int) string {
		return e.one(`select kitchen.note_sightings(array[$1]::kitchen.restaurant_key[], array[$2]::kitchen.order_key[], array[$3::bigint],
			array[$4::text], array[1.5], array[1], 'n1')::text`, restaurant, e.ids["soup"], version, how)
	}
	for _, c := range []struct {
		restaurant, how string
		version         int
		noted           string
	}{{e.b, "painted", 1, "0"}, {e.a, "painted", 2, "0"}, {e.a, "painted", 1, "1"}, {e.a, "painted", 1, "0"}, {e.a, "touched", 1, "1"}, {e.a, "painted", 0, "1"}} {
		if got := note(c.restaurant, c.how, c.version); got != c.noted {
			t.Errorf("%+v: %s noted", c, got)
		}
	}
	e.received() // the order itself
	// Nothing of it is announced, changes a version or locks the order.
	holder, err := e.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Rollback(t.Context()) //nolint:errcheck // nothing is kept
	if _, err := holder.Exec(t.Context(), `select from orders for update`); err != nil {
		t.Fatal(err)
	}
	e.exec(`delete from kitchen.sightings`)
	e.saw("painted", "soup")
	e.want(e.received())
	if v := e.one(`select version::text from kitchen.order_versions where order_id = $1`, e.ids["soup"]); v != "1" {
		t.Errorf("version %s", v)
	}
}

func TestTidyForgetsSightingsOfOrdersThatAreOver(t *testing.T) {
	t.Parallel()
	e := newEvening(t)
	e.order("soup", "", "")
	e.order("cake", "", "")
	e.order("wine", "", "")
	e.saw("painted", "soup", "cake", "wine")
	e.exec(`update orders set status = 'completed' where id = $1`, e.ids["soup"])
	e.pass(49 * time.Hour)
	e.exec(`update kitchen.sightings set seen_at = now() where order_id = $1`, e.ids["wine"])
	e.exec(`delete from orders where id = $1`, e.ids["wine"])
	if n := e.one(`select kitchen.tidy_sightings(100)::text`); n != "1" {
		t.Errorf("%s forgotten", n)
	}
	if left := e.one(`select count(*)::text from kitchen.sightings where order_id = any($1::text[]::uuid[])`, []string{e.ids["cake"], e.ids["wine"]}); left != "2" {
		t.Errorf("%s left of an open order and a late one", left)
	}
}
