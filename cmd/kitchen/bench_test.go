package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"kitchen/cmd/kitchen/bench"
	"kitchen/db/dbtest"
)

// With nothing set, the bench brings its own Postgres and its own node, and takes them with it.
func TestBenchMeasuresWithADatabaseOfItsOwnAndLeavesNothing(t *testing.T) {
	temp := dataDir(t)
	if err := os.Mkdir(temp, 0o711); err != nil { //nolint:gosec // the server's own user must pass through
		t.Fatal(err)
	}
	p := spawn(t, []string{"TMPDIR=" + temp}, "bench", "--scenario", "latency,fanout", "--displays", "6", "--restaurants", "2",
		"--rate", "40", "--writers", "2", "--duration", "1s", "--json")
	var measured struct{ Results []bench.Result }
	if line := p.line(t, "{"); json.Unmarshal([]byte(line), &measured) != nil {
		t.Fatalf("not a line of JSON: %s", line)
	}
	if code := p.wait(t); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if len(measured.Results) != 2 {
		t.Fatalf("%d results, want 2", len(measured.Results))
	}
	for _, r := range measured.Results {
		if r.Orders == 0 || r.Delivered != 3*r.Orders || r.Lost+r.Duplicated+r.Disordered != 0 {
			t.Errorf("%s: %d orders, %d delivered to three displays each, %d lost, %d duplicated, %d out of order",
				r.Scenario, r.Orders, r.Delivered, r.Lost, r.Duplicated, r.Disordered)
		}
		if r.Latency == nil || r.Floor == nil || r.Last == nil || r.Echo == nil || r.Ratio == 0 {
			t.Errorf("%s: something is not measured: %+v", r.Scenario, r)
		}
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// With somebody's database, it asks first; and whether it ends by itself or by Ctrl-C, nothing in it is changed.
func TestBenchRemovesWhatItMadeAndNothingElse(t *testing.T) {
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	mine := h.order(t, "mine")
	if _, errs, code := kitchen(t, onDatabase(url), "bench"); code != 2 || !strings.Contains(errs, "--yes") {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	s := startServe(t, onDatabase(url)...)
	run := func(duration string) *process {
		return spawn(t, onDatabase(url), "bench", "--yes", "--url", s.url, "--scenario", "load", "--displays", "4",
			"--restaurants", "2", "--rate", "40", "--duration", duration)
	}
	untouched := func(when string) {
		t.Helper()
		count := h.ask(t, `select (select count(*) from restaurants) || ' ' || (select count(*) from users) || ' ' ||
			(select string_agg(id || ' ' || notes || ' ' || version, ',') from orders)`)
		if want := "1 1 " + string(mine) + " mine 1"; count != want {
			t.Errorf("%s there is %s, want %s", when, count, want)
		}
	}
	p := run("500ms")
	p.line(t, "0 lost, 0 duplicated, 0 out of order")
	if code := p.wait(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	untouched("after a run")

	p = run("1h")
	for deadline := time.Now().Add(patience); h.ask(t, `select (count(*) > 5)::text from orders`) != "true"; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no orders are written")
		}
	}
	p.signal(t, "INT")
	if code := p.wait(t); code != 1 {
		t.Errorf("exit code %d", code)
	}
	untouched("after Ctrl-C")
}
