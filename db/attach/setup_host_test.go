package attach_test

import (
	"errors"
	"strings"
	"testing"

	kitchenorder "kitchen/db/order"
	"kitchen/db/tenant"
)

// Beside another program's tables, whose keys are numbers and whose menu is not known, owners set stations up as beside ours: what can
// be routed is what was ordered of late.
func TestStationsAreSetUpBesideAnotherProgramsTables(t *testing.T) {
	t.Parallel()
	h, text := withCourses(t)
	h.up(parse(t, "django.sql", text))
	ctx := t.Context()
	s := tenant.NewSetUp(h.connect(), "1")
	oven, err := s.AddStation(ctx, "Oven", "prep")
	if err != nil {
		t.Fatal(err)
	}
	k, err := s.Read(ctx)
	if err != nil || len(k.Unrouted) == 0 || len(k.Items) == 0 || k.Name == "" || len(k.Categories) == 0 {
		t.Fatalf("%+v, %v", k, err)
	}
	pizza := k.Items[0]
	if err := errors.Join(s.AddRoute(ctx, &oven, tenant.Match{Item: pizza.ID}), s.AddRoute(ctx, nil, tenant.Match{Category: "Drinks", OrderType: "takeaway"})); err != nil {
		t.Fatal(err)
	}
	w, err := s.Test(ctx, tenant.Match{Item: pizza.ID, Category: pizza.Category, OrderType: "takeaway"})
	if err != nil || len(w.Stations) != 1 || w.Stations[0] != oven || len(w.Deciding) != 1 {
		t.Errorf("%+v, %v", w, err)
	}
	if w, err := s.Test(ctx, tenant.Match{Category: "Drinks", OrderType: "takeaway"}); err != nil || len(w.Stations) != 0 || w.Unrouted || len(w.Deciding) != 1 {
		t.Errorf("%+v, %v", w, err)
	}
	var refused *kitchenorder.RefusedError
	if err := s.AddRoute(ctx, &oven, tenant.Match{Item: pizza.ID}); !errors.As(err, &refused) || !strings.Contains(err.Error(), "already") {
		t.Errorf("the same route: %v", err)
	}
	after, err := s.Read(ctx)
	if err != nil || len(after.Routes) != 2 || len(after.Unrouted) != len(k.Unrouted)-1 {
		t.Errorf("%+v, %v", after, err)
	}
	for _, r := range after.Routes {
		if r.Item != nil && r.ItemName != pizza.Name {
			t.Errorf("the item of a route is called %q, want %q", r.ItemName, pizza.Name)
		}
	}
	if received := strings.Join(h.received(), ", "); received != "1 queue_changed, 1 queue_changed, 1 queue_changed" {
		t.Errorf("received %s", received)
	}
}
