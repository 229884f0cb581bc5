package board

import (
	"net/http/httptest"
	"testing"

	"kitchen/db/order"
)

// UUIDs are the types of ids of the project's own tables.
func UUIDs() order.Keys { return order.Keys{} }

// A node that stays open while another mapping is attached has restaurants with other ids: their pages are there at once.
func TestPagesFollowTheTypeOfIds(t *testing.T) {
	ids := order.Keys{}
	pages := Handler(func() order.Keys { return ids })
	for _, want := range []int{404, 200} {
		for _, path := range []string{"/kitchen/42", "/kitchen/42/", "/kitchen/42/stations", "/pickup/42"} {
			w := httptest.NewRecorder()
			if pages.ServeHTTP(w, httptest.NewRequest("GET", path, nil)); w.Code != want {
				t.Errorf("GET %s answers %d where ids are %q, want %d", path, w.Code, ids.Restaurant, want)
			}
		}
		ids.Restaurant = order.BigInt
	}
}
