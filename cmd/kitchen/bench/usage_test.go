package bench

import (
	"testing"
	"time"

	"kitchen/db/load"
)

// Whatever processes begin, end, or follow another with the same id, what was computed between two looks is never negative, and belongs to
// who computed it.
func TestMeterCountsProcessesThatBeginAndEnd(t *testing.T) {
	t.Parallel()
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	one, two := process{100, "1"}, process{100, "2"} // the id was used again
	other := process{200, "1"}
	var m meter
	before := usage{}
	for i, look := range []struct {
		now  map[process]sample
		want usage
	}{
		{map[process]sample{one: {ms(10), load.Unknown}}, usage{Background: 10}}, // it has no session yet
		{map[process]sample{one: {ms(30), load.Writing}}, usage{Writers: 20}},
		{map[process]sample{one: {ms(31), load.Unknown}, other: {ms(4), load.Serving}}, usage{Writers: 1, Node: 4}}, // its session is over
		{map[process]sample{other: {ms(5), load.Serving}}, usage{Node: 1}},
		{map[process]sample{two: {ms(7), load.Vacuuming}, other: {ms(5), load.Elsewhere}}, usage{Autovacuum: 7}},
		{map[process]sample{two: {ms(9), load.Vacuuming}, other: {ms(50), load.Elsewhere}}, usage{Autovacuum: 2}},
	} {
		m.add(look.now)
		if got := m.total.minus(before); got != look.want {
			t.Errorf("look %d counts %+v, want %+v", i, got, look.want)
		}
		before = m.total
	}
}
