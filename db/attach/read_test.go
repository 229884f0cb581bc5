package attach_test

import (
	"testing"

	"kitchen/db"
	"kitchen/db/attach"
)

// The program reads attached tables with the statements that it reads its own with, whatever the keys.
func TestTheProgramReadsEveryAttachedSystem(t *testing.T) {
	for _, found := range attach.Templates() {
		t.Run(found.Name, func(t *testing.T) {
			h := fixture(t, found.Name)
			h.up(mapping(t, found.Name))
			d, err := db.Open(t.Context(), h.url)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := d.CheckSchema(t.Context()); err != nil {
				t.Error(err)
			}
			if wrong, err := d.CheckTriggers(t.Context()); err != nil || len(wrong) > 0 {
				t.Errorf("triggers: %q, %v", wrong, err)
			}
			restaurant := db.RestaurantID(h.one(`select restaurant_id::text from kitchen.orders where id = '2'`))
			queues, err := d.Queues(t.Context(), []db.RestaurantID{restaurant})
			if err != nil {
				t.Fatal(err)
			}
			q := queues[restaurant]
			if q == nil || len(q.Orders) == 0 || q.Orders[0].ID != "2" || len(q.Orders[0].Items) == 0 {
				t.Fatalf("the queue of %s: %+v", restaurant, q)
			}
			if _, err := d.Recent(t.Context(), restaurant); err != nil {
				t.Error(err)
			}
			if _, err := d.Fingerprints(t.Context(), []db.RestaurantID{restaurant}); err != nil {
				t.Error(err)
			}
			if _, err := d.User(t.Context(), db.UserID(h.one(`select id::text from kitchen.users where restaurant_id::text = $1 limit 1`, string(restaurant)))); err != nil {
				t.Error(err)
			}
			done, err := d.UpdateStatus(t.Context(), db.StatusUpdate{Restaurant: restaurant, Order: "2", Status: "ready"})
			if err != nil || done.Version != 1 {
				t.Errorf("moved on: %+v, %v", done, err)
			}
			if errors := h.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); errors != "" {
				t.Errorf("trigger errors: %s", errors)
			}
		})
	}
}
