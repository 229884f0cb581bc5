package order_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db/order"
)

func TestKitchenMovesOrdersOnOneStepBackAndOutOfRecall(t *testing.T) {
	t.Parallel()
	allowed := strings.Fields(`pending>preparing pending>ready pending>completed preparing>ready preparing>completed ready>completed
		preparing>pending ready>preparing`)
	recalls := strings.Fields(`completed>ready completed>preparing completed>pending`)
	all := append(order.Steps(), order.Cancelled, "lost", "")
	for _, from := range all {
		for _, to := range all {
			if from == to {
				continue
			}
			move := string(from + ">" + to)
			for _, recallable := range []bool{false, true} {
				want := slices.Contains(allowed, move) || recallable && slices.Contains(recalls, move)
				if got := order.Allowed(from, to, recallable); got != want {
					t.Errorf("%s, recallable %t: allowed %t, want %t", move, recallable, got, want)
				}
			}
		}
	}
}

func TestOpenOrdersAreThoseOfTheQueue(t *testing.T) {
	t.Parallel()
	for status, open := range map[order.Status]bool{order.Pending: true, order.Preparing: true, order.Ready: true, order.Completed: false,
		order.Cancelled: false, "lost": false, "": false} {
		if status.Open() != open {
			t.Errorf("%q: open %t, want %t", status, !open, open)
		}
	}
}

func TestQueueIsOldestFirstThenByNumberThenByID(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	want := []*order.Order{
		{ID: "z", Number: 9, CreatedAt: noon.Add(-time.Second)},
		{ID: "y", Number: 1, CreatedAt: noon.In(time.FixedZone("there", 3600))},
		{ID: "a", Number: 2, CreatedAt: noon},
		{ID: "b", Number: 2, CreatedAt: noon},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, order.OldestFirst)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
