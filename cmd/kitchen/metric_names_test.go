package main

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

func TestMetricNamesFollowTheConventions(t *testing.T) {
	problems, err := testutil.GatherAndLint(newMetrics().registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
