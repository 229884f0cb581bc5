package notifier_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// alarms, called with mu held, are those that a screen was sent, as "alarm no_display".
func (s *screen) alarms() (all []string) {
	for _, doc := range s.docs {
		for _, kind := range []string{"alarm", "alarm_over"} {
			for _, reason := range []string{"no_display", "not_painted", "not_touched"} {
				if strings.HasPrefix(string(doc), `{"type":"`+kind+`",`) && strings.Contains(string(doc), `"reason":"`+reason+`"`) {
					all = append(all, kind+" "+reason)
				}
			}
		}
	}
	return all
}

// What the database says of alarms reaches the displays of their restaurant, once each, on every node, whatever notifications say.
func TestAlarmsReachTheDisplaysOfTheirRestaurant(t *testing.T) {
	t.Parallel()
	e := twoNodes(t)
	rival := e.restaurant()
	theirs, _ := e.watch(rival)
	order := e.kitchenTest.id(`insert into orders (restaurant_id) values ($1) returning id::text`, e.id)
	set := func(reason string, on bool) {
		t.Helper()
		if on {
			e.exec(`insert into kitchen.alarms (restaurant_id, reason, noticed_at, raised_at, orders, oldest_order_id, oldest_order_number, oldest_since)
				values ($1, $2, now() - interval '5 minutes', now() - interval '5 minutes', 2, $3, 57, now() - interval '340 seconds')`, e.id, reason, order)
		} else {
			e.exec(`delete from kitchen.alarms where reason = $1`, reason)
		}
		e.exec(`select pg_notify('kitchen_alarms', 'anything')`)
	}
	both := func(want ...string) {
		t.Helper()
		for _, s := range []*screen{e.here, e.there} {
			s.until(strings.Join(want, ", "), func() bool { return slices.Equal(s.alarms(), want) })
		}
	}
	set("no_display", true)
	both("alarm no_display")
	e.exec(`select pg_notify('kitchen_alarms', '{"type":"alarm","restaurant_id":"` + rival + `","reason":"not_painted"}')`) // forged
	set("not_touched", true)
	both("alarm no_display", "alarm not_touched")
	set("no_display", false)
	both("alarm no_display", "alarm not_touched", "alarm_over no_display")

	// A display that comes later has it in its queue; one of another restaurant receives none of it.
	late, _ := e.watch(e.id)
	late.until("a queue", func() bool { return len(late.docs) > 0 })
	late.mu.Lock()
	doc := string(late.docs[0])
	late.mu.Unlock()
	// The age is that of now, and not of five minutes ago, when the alarm began.
	if !regexp.MustCompile(`"alarms":\[{"type":"alarm","restaurant_id":"` + e.id + `","reason":"not_touched","count":2,"oldest_order_id":"` + order + `","oldest_order_number":57,"age_s":3[4-9][0-9]}\]`).MatchString(doc) {
		t.Errorf("the queue is %s", doc)
	}
	theirs.mu.Lock()
	got := theirs.alarms()
	theirs.mu.Unlock()
	if len(got) > 0 {
		t.Errorf("another restaurant received %q", got)
	}
	// What was announced while the listener was away is read afterwards.
	e.exec(`delete from kitchen.alarms`)
	e.exec(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kitchen-listener' and datname = current_database()`)
	both("alarm no_display", "alarm not_touched", "alarm_over no_display", "alarm_over not_touched")
}
