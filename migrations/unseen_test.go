package migrations_test

import (
	"strings"
	"testing"
	"time"
)

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
