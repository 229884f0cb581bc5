package main

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"go.yaml.in/yaml/v4"

	"kitchen/cmd/kitchen/node"
	"kitchen/db/dbtest"
)

// What the dashboard and the alerts ask for is there, and every metric of ours is asked for by one of them.
func TestDashboardAndAlertsAskForMetricsThatAre(t *testing.T) {
	t.Parallel()
	_, admin := startMeasured(t, onDatabase(dbtest.New(t))...)
	metrics := node.NewMetrics()
	metrics.Refused(4001)
	metrics.Left(0)
	var are []string
	both := scrape(t, admin)
	own, err := metrics.Registry.Gather() // those with labels show up with their first value
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range own {
		both[f.GetName()] = f
	}
	for name, family := range both {
		are = append(are, name)
		if family.GetType() == dto.MetricType_HISTOGRAM {
			are = append(are, name+"_bucket", name+"_sum", name+"_count")
		}
	}

	var expressions []string
	text, err := os.ReadFile("monitoring/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("the panel %q asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	if text, err = os.ReadFile("monitoring/alerts.yaml"); err != nil {
		t.Fatal(err)
	}
	var alerts struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &alerts); err != nil {
		t.Fatal(err)
	}
	for _, rule := range alerts.Groups[0].Rules {
		if rule.Alert == "" || rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" {
			t.Errorf("an alert that does not say what it is: %+v", rule)
		}
		expressions = append(expressions, rule.Expr)
	}
	if len(expressions) < 30 {
		t.Fatalf("only %d expressions were found", len(expressions))
	}
	asked := map[string]bool{}
	for _, e := range expressions {
		for _, name := range regexp.MustCompile(`\b(kitchen|go|process)_[a-z_]+\b`).FindAllString(e, -1) {
			asked[name] = true
			asked[strings.TrimSuffix(name, "_bucket")] = true
			if !slices.Contains(are, name) {
				t.Errorf("%s asks for %s, which there is not", e, name)
			}
		}
	}
	for name := range both {
		if strings.HasPrefix(name, "kitchen_") && name != "kitchen_build_info" && !asked[name] {
			t.Errorf("neither the dashboard nor an alert asks for %s", name)
		}
	}
}
