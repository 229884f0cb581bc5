package limit

import (
	"testing"
	"time"
)

func TestRateRefillsAndForgives(t *testing.T) {
	t.Parallel()
	var a Allowance
	began := time.Now()
	at := func(d time.Duration) bool { return a.Take(began.Add(d), Rate{10, 2}) }
	if first, second, third, fourth := at(0), at(0), at(0), at(0); !first || !second || third || fourth || a.Refused() != 2 {
		t.Fatalf("a burst of two: %+v", a)
	}
	if !at(100*time.Millisecond) || at(150*time.Millisecond) || a.Refused() != 3 {
		t.Fatalf("a tenth of a second later: %+v", a)
	}
	if !at(time.Second) || a.Refused() != 0 {
		t.Fatalf("after a pause: %+v", a)
	}
}
