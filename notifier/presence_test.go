package notifier_test

import (
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/notifier"
)

// quick are timings for tests: polling is rare, so that only a notification can explain what comes at once.
func quick(node string) notifier.Config {
	return notifier.Config{Node: node, ScreensEvery: time.Second, ScreensKept: 3 * time.Second}
}

// evening is a restaurant with a grill and a bar, and two nodes that watch it.
type evening struct {
	*kitchenTest
	t              *testing.T
	id, grill, bar string
	here, there    *screen
	mine, others   *notifier.Subscription
	other          *kitchenTest
}

func twoNodes(t *testing.T) *evening {
	t.Helper()
	url := dbtest.New(t)
	e := &evening{kitchenTest: start(t, url, quick("one")), t: t, other: start(t, url, quick("two"))}
	e.id = e.restaurant()
	e.grill = e.kitchenTest.id(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill') returning id::text`, e.id)
	e.bar = e.kitchenTest.id(`insert into kitchen.stations (restaurant_id, name, position) values ($1, 'Bar', 2) returning id::text`, e.id)
	e.here, e.mine = e.watch(e.id)
	e.there, e.others = e.other.watch(e.id)
	return e
}

func (e *evening) doc(grill, bar, all int) string {
	return fmt.Sprintf(`{"type":"screens","stations":[{"id":"%s","screens":%d},{"id":"%s","screens":%d}],"all":%d}`, e.grill, grill, e.bar, bar, all)
}

// wants waits until both nodes have sent their displays these screens.
func (e *evening) wants(grill, bar, all int) {
	e.t.Helper()
	for _, s := range []*screen{e.here, e.there} {
		s.hasScreens(e.doc(grill, bar, all))
	}
}

func (s *screen) hasScreens(doc string) {
	s.t.Helper()
	s.until(doc, func() bool { return s.screens == doc })
}

func showing(all int, stations ...string) order.Screens {
	s := order.Screens{All: all}
	for _, id := range stations {
		s.Add([]string{id}, 1)
	}
	return s
}

func TestNodesKnowOfEachOthersScreens(t *testing.T) {
	t.Parallel()
	e := twoNodes(t)
	e.mine.Show(showing(1))
	e.wants(0, 0, 1)
	e.others.Show(showing(0, e.bar))
	e.wants(0, 1, 1)
	e.mine.Show(showing(2, e.grill, e.bar))
	e.wants(1, 2, 2)
	e.exec(`insert into kitchen.stations (restaurant_id, name, position) values ($1, 'Fryer', 3)`, e.id)
	for _, s := range []*screen{e.here, e.there} {
		s.until("a third station", func() bool { return strings.Count(s.screens, `"id"`) == 3 })
	}
	e.exec(`delete from kitchen.stations where name = 'Fryer'`)
	e.wants(1, 2, 2)

	// A node that loses its last display, and one that stops.
	e.others.Unsubscribe()
	e.here.hasScreens(e.doc(1, 1, 2))
	e.there, e.others = e.other.watch(e.id)
	e.others.Show(showing(0, e.bar))
	e.wants(1, 2, 2)
	e.other.stop()
	if rows := e.kitchenTest.id(`select count(*)::text from kitchen.screens where node = 'two'`); rows != "0" {
		t.Errorf("a node that stopped has left %s rows", rows)
	}
	e.here.hasScreens(e.doc(1, 1, 2))
}

// Other restaurants receive none of it, and a notification alone makes the other node look: nothing is polled in this time.
func TestScreensAreToldSoonAndToTheirRestaurantAlone(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	slow := func(node string) notifier.Config {
		return notifier.Config{Node: node, ScreensEvery: never, ScreensKept: never}
	}
	one, two := start(t, url, slow("one")), start(t, url, slow("two"))
	r, rival := one.restaurant(), one.restaurant()
	for _, id := range []string{r, rival} {
		one.exec(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill')`, id)
	}
	grill := one.id(`select id::text from kitchen.stations where restaurant_id = $1`, r)
	_, mine := one.watch(r)
	there, others := two.watch(r)
	theirs, foreign := two.watch(rival)
	others.Show(showing(1))
	foreign.Show(showing(1))
	there.until("its own screens", func() bool { return strings.HasSuffix(there.screens, `"screens":0}],"all":1}`) })
	theirs.until("its own screens", func() bool { return strings.HasSuffix(theirs.screens, `"screens":0}],"all":1}`) })
	mine.Show(showing(0, grill))
	there.until("the other node's grill", func() bool { return strings.HasSuffix(there.screens, `"screens":1}],"all":1}`) })
	theirs.until("nothing", func() bool { return strings.HasSuffix(theirs.screens, `"screens":0}],"all":1}`) })
}

// A node that is killed leaves its rows: they count until they are too old, and are deleted some time after.
func TestKilledNodeIsForgotten(t *testing.T) {
	t.Parallel()
	e := twoNodes(t)
	e.mine.Show(showing(1))
	killed := time.Now()
	e.exec(`insert into kitchen.screens (node, restaurant_id, station_id, count) values ('killed', $1, $2, 1), ('killed', $1, null, 2)`, e.id, e.grill)
	e.wants(1, 0, 3)
	e.wants(0, 0, 1)
	if after := time.Since(killed); after < 3*time.Second || after > 3*time.Second+waitLimit/4 {
		t.Errorf("a node that died was forgotten after %v, not 3 s", after)
	}
	e.exec(`update kitchen.screens set seen_at = now() - interval '2 minutes' where node = 'killed'`)
	if err := e.db.TidyScreens(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := e.kitchenTest.id(`select count(*)::text from kitchen.screens where node = 'killed'`); left != "0" {
		t.Errorf("%s rows are left", left)
	}
	e.wants(0, 0, 1)
}

// A crash of the server empties the table; the nodes fill it again.
func TestScreensComeBackAfterTheTableWasEmptied(t *testing.T) {
	t.Parallel()
	e := twoNodes(t)
	e.mine.Show(showing(0, e.grill))
	e.others.Show(showing(0, e.bar))
	e.wants(1, 1, 0)
	e.exec(`truncate kitchen.screens`)
	deadline := time.Now().Add(waitLimit)
	for e.kitchenTest.id(`select count(*)::text from kitchen.screens`) != "2" {
		if time.Now().After(deadline) {
			t.Fatal("the nodes have not written their screens again")
		}
	}
	e.wants(1, 1, 0)
}

// A database of an older version, or a role without the rights, serves: displays receive the screens of their own node, and the
// log says once what is wrong.
func TestDatabaseWithoutScreensServes(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	pool := dbtest.Pool(t, url)
	if _, err := pool.Exec(t.Context(), `drop table kitchen.screens cascade`); err != nil {
		t.Fatal(err)
	}
	var log safeBuffer
	cfg := quick("one")
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	k := start(t, url, cfg)
	r := k.restaurant()
	k.exec(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill')`, r)
	grill := k.id(`select id::text from kitchen.stations`)
	s, subscription := k.watch(r)
	for n := range 3 {
		subscription.Show(showing(n, grill))
		s.hasScreens(fmt.Sprintf(`{"type":"screens","stations":[{"id":"%s","screens":1}],"all":%d}`, grill, n))
	}
	if n := log.count("nodes cannot exchange their screens"); n != 1 {
		t.Errorf("said %d times: %s", n, log.String())
	}
	order := k.order(r)
	s.until("an order", func() bool { return s.live && s.queue[order].Version == 1 })
}

// Whatever displays do at once, on two nodes, all receive the same in the end, and it is right.
func TestScreensAreTrueAfterARace(t *testing.T) {
	t.Parallel()
	e := twoNodes(t)
	for round := range 50 {
		var shows sync.WaitGroup
		last := [2]order.Screens{}
		for i, s := range []*notifier.Subscription{e.mine, e.others} {
			shows.Go(func() {
				for n := range 5 {
					last[i] = order.Screens{All: round + n%4, Stations: map[string]int{[]string{e.grill, e.bar}[n%2]: n + i}}
					maps.DeleteFunc(last[i].Stations, func(_ string, n int) bool { return n == 0 })
					s.Show(last[i])
				}
			})
		}
		shows.Wait()
		sum := last[0].Plus(last[1])
		e.wants(sum.Stations[e.grill], sum.Stations[e.bar], sum.All)
	}
}
