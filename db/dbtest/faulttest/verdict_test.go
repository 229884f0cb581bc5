package faulttest

import (
	"testing"
	"time"
)

func TestWhenAChangeHasArrived(t *testing.T) {
	begin := time.Now().Add(-time.Hour)
	at := func(s float64) time.Time { return begin.Add(time.Duration(s * float64(time.Second))) }
	made := change{id: "o", version: 1, began: at(0), at: at(1)}
	gone := map[string]time.Time{"o": at(2)}
	open := observation{at: at(1.5), id: "o", version: 1, status: "pending"}
	for name, c := range map[string]struct {
		seen     []observation
		replaced []time.Time
		closings map[string]time.Time
		want     float64
	}{
		"by its event":                                     {[]observation{open}, nil, nil, 1.5},
		"by a later one":                                   {[]observation{{at: at(7), id: "o", version: 3, status: "ready"}}, nil, nil, 7},
		"by a whole queue":                                 {nil, []time.Time{at(-1), at(4), at(8)}, nil, 4},
		"by its event before a whole queue":                {[]observation{open}, []time.Time{at(4)}, nil, 1.5},
		"it went again, unseen":                            {nil, nil, gone, 2},
		"it went again, unseen, and a whole queue came":    {nil, []time.Time{at(8)}, gone, 2},
		"it was seen, and its going not until a new queue": {[]observation{open}, []time.Time{at(8)}, gone, 1.5},
	} {
		if got := arrived(c.seen, c.replaced, c.closings, made); !got.Equal(at(c.want)) {
			t.Errorf("%s: after %v, want %v", name, got.Sub(begin), at(c.want).Sub(begin))
		}
	}
	going := change{id: "o", version: 1 << 61, closes: true, began: at(1.9), at: at(2)}
	if got := arrived([]observation{open}, []time.Time{at(8)}, gone, going); !got.Equal(at(8)) {
		t.Errorf("an order that is still shown is gone after %v, want 8s", got.Sub(begin))
	}
}
