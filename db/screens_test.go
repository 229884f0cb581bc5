package db_test

import (
	"fmt"
	"testing"
	"time"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// A node with many restaurants writes them within a moment, also into a table of which the server has no statistics, and again at a
// fraction of that; and it writes them anew where a crash of the server has emptied the table.
func TestScreensOfThousandsOfRestaurantsAreWritten(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	d, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	f := fixture{T: t, pool: dbtest.Pool(t, url)}
	x := db.ScreensExchange{Node: "one", Own: map[order.RestaurantID]order.Screens{}, Kept: time.Minute}
	const many = 5000
	for i := range many {
		id := order.RestaurantID(fmt.Sprintf("cafe0000-0000-4000-8000-%012x", i))
		x.Own[id] = order.Screens{All: 2}
		x.Watched = append(x.Watched, id)
	}
	exchange := func() time.Duration {
		t.Helper()
		began := time.Now()
		if _, err := d.ExchangeScreens(t.Context(), x); err != nil {
			t.Fatal(err)
		}
		if n := f.id(`select count(*)::text from kitchen.screens where node = 'one'`); n != fmt.Sprint(len(x.Own)) {
			t.Errorf("%s rows of %d", n, len(x.Own))
		}
		return time.Since(began)
	}
	first, second := exchange(), exchange()
	x.Same = true
	t.Logf("written in %v, %v, and again in %v", first, second, exchange())
	f.exec(`truncate kitchen.screens`)
	exchange()
	x.Same = false
	clear(x.Own)
	x.Own[x.Watched[0]] = order.Screens{All: 1}
	exchange()
}
