package bench

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

// On a busy machine a side may write nothing in a short slice. Such a slice has no ratio, and is none in JSON.
func TestSlicesWithoutAWriteHaveNoRatio(t *testing.T) {
	t.Parallel()
	some := slice{writes: 10, took: time.Second, cpu: 20}
	half := slice{writes: 5, took: time.Second, cpu: 20}
	none := slice{took: time.Second}
	for name, c := range map[string]struct{ ours, other []slice }{
		"ours":  {[]slice{none, half}, []slice{some, some}},
		"other": {[]slice{half, half}, []slice{none, some}},
		"both":  {[]slice{none, half}, []slice{none, some}},
	} {
		cost, err := costOf("orders", "plain tables", c.ours, c.other)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := [2]float64{cost.RateRatio.Median, cost.CPURatio.Median}; got != [2]float64{0.5, 2} {
			t.Errorf("%s: the ratios are %v, want 0.5 of the rate and 2 of the CPU", name, got)
		}
		if _, err := json.Marshal(cost); err != nil || math.IsInf(cost.RateRatio.High, 0) {
			t.Errorf("%s: %+v: %v", name, cost, err)
		}
	}
	for name, c := range map[string]struct{ ours, other []slice }{
		"ours":         {[]slice{none, none}, []slice{some, some}},
		"by turns":     {[]slice{none, half}, []slice{some, none}},
		"not measured": {[]slice{none}, []slice{none}},
	} {
		if _, err := costOf("orders", "plain tables", c.ours, c.other); err == nil || !strings.Contains(err.Error(), "--duration") {
			t.Errorf("%s: %v, want an error that says what to do", name, err)
		}
	}
}
