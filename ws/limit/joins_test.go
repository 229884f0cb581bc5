package limit

import (
	"testing"
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
)

func TestJoinsRefillAndAreForgotten(t *testing.T) {
	t.Parallel()
	const bistro, diner order.RestaurantID = "bistro", "diner"
	j := NewJoins(Rate{1, 3}, Rate{100, 110})
	now := time.Now()
	take := func(r order.RestaurantID) closing.Reason { return j.Take(r, now) }
	for range 3 {
		if why := take(bistro); why != closing.None() {
			t.Fatal(why)
		}
	}
	if why := take(bistro); why != closing.TooManyJoins() {
		t.Errorf("the fourth: %+v", why)
	}
	if why := take(diner); why != closing.None() {
		t.Errorf("another restaurant: %+v", why)
	}
	now = now.Add(time.Second)
	if why := take(bistro); why != closing.None() {
		t.Errorf("a second later: %+v", why)
	}
	j.Forget(now.Add(2 * time.Second))
	if len(j.restaurants) != 1 || j.restaurants[bistro] == nil {
		t.Errorf("%d are remembered, not the one that is not full again", len(j.restaurants))
	}
	now = now.Add(3 * time.Second)
	if j.Forget(now); len(j.restaurants) != 0 {
		t.Error("one that is full again is remembered")
	}
}
