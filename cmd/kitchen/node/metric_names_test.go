package node

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestMetricNamesFollowTheConventions(t *testing.T) {
	problems, err := testutil.GatherAndLint(NewMetrics().Registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
