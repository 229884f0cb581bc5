package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"kitchen/db"
	"kitchen/db/order"
)

// One restaurant that cannot be compared is named, and the others are compared all the same.
func TestPeriodicCheckOfOneRestaurantFailsAlone(t *testing.T) {
	_, n := newTestReader()
	var logged strings.Builder
	asked := 0
	away := error(nil)
	c := &check{log: slog.New(slog.NewTextHandler(&logged, nil)), failing: map[order.RestaurantID]bool{},
		watched: map[order.RestaurantID]*kitchen{}, ask: func(context.Context) error { return away }}
	c.fingerprints = func(_ context.Context, ids []order.RestaurantID) (prints []db.Fingerprint, err error) {
		asked++
		for _, id := range ids {
			if id == "bad" || away != nil {
				return nil, errors.New("timeout")
			}
			prints = append(prints, db.Fingerprint{Restaurant: order.Restaurant{ID: id}, Orders: map[bool]int{true: 1}[id == "changed"]})
		}
		return prints, nil
	}
	var ids []order.RestaurantID
	for i := range 150 {
		ids = append(ids, order.RestaurantID(fmt.Sprint(i)))
	}
	ids = append(ids, "bad", "changed")
	for _, id := range ids {
		k := newKitchen(id, n)
		k.sent.loaded, k.sent.restaurant.ID = true, id
		c.watched[id] = k
	}
	for round, most := range []int{20, 3} { // then it is asked for alone
		asked = 0
		differ, err := c.compare(t.Context(), ids, maxFingerprints)
		_, bad := differ["bad"]
		_, changed := differ["changed"]
		if err != nil || len(differ) != 2 || !bad || !changed {
			t.Errorf("round %d: %v, %v", round, differ, err)
		}
		if asked > most {
			t.Errorf("round %d: asked %d times", round, asked)
		}
		if c.watched["bad"].recount(differ["bad"]) {
			t.Error("the restaurant that cannot be compared passes as one that has not changed")
		}
	}
	if text := logged.String(); strings.Count(text, "restaurant=bad") != 1 || strings.Count(text, "\n") != 1 {
		t.Errorf("it must be named once: %s", text)
	}
	away = errors.New("away")
	if _, err := c.compare(t.Context(), ids, maxFingerprints); err == nil {
		t.Error("a database that is away is taken for restaurants that fail")
	}
}

// Restaurants whose orders come faster than many are compared are not taken for such whose changes nobody announced: all their queues would be
// read at once, under load. One whose change nobody announced is found among them.
func TestPeriodicCheckFindsOnlyWhatNobodyAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, n := newTestReader()
		c := &check{log: slog.New(slog.DiscardHandler), failing: map[order.RestaurantID]bool{}, watched: map[order.RestaurantID]*kitchen{}}
		for i := range 100 {
			id := order.RestaurantID(fmt.Sprint(i))
			k := newKitchen(id, n)
			k.sent.loaded, k.sent.restaurant.ID = true, id
			c.watched[id] = k
		}
		const silent = order.RestaurantID("50")
		c.fingerprints = func(_ context.Context, ids []order.RestaurantID) (prints []db.Fingerprint, err error) {
			for _, id := range ids {
				is, _ := c.watched[id].fingerprint()
				if id == silent {
					is.Orders = 1
				}
				prints = append(prints, is)
			}
			if len(ids) > fewFingerprints { // meanwhile each of them goes on
				for _, id := range ids {
					c.watched[id].sent.omitted++
				}
			}
			return prints, nil
		}
		differ, err := c.unannounced(t.Context())
		if _, found := differ[silent]; err != nil || len(differ) != 1 || !found {
			t.Errorf("%d of 100 restaurants are taken for such, or the one that is is not: %v, %v", len(differ), differ, err)
		}
	})
}
