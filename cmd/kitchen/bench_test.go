package main

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kitchen/cmd/kitchen/bench"
	"kitchen/db/dbtest"
)

// benchDir is an empty directory in which a bench makes its own Postgres.
func benchDir(t *testing.T) string {
	t.Helper()
	temp := dataDir(t)
	if err := os.Mkdir(temp, 0o711); err != nil { //nolint:gosec // the server's own user must pass through
		t.Fatal(err)
	}
	return temp
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// benchResults waits for the end of a bench that prints JSON.
func benchResults(t *testing.T, p *process, want int) []bench.Result {
	t.Helper()
	var measured struct{ Results []bench.Result }
	if line := p.line(t, "{"); json.Unmarshal([]byte(line), &measured) != nil || len(measured.Results) != want {
		t.Fatalf("not a line of JSON with %d results: %s", want, line)
	}
	if code := p.wait(t); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	return measured.Results
}

// With nothing set, the bench brings its own Postgres and its own node, and takes them with it.
func TestBenchMeasuresWithADatabaseOfItsOwnAndLeavesNothing(t *testing.T) {
	t.Parallel()
	temp := benchDir(t)
	p := spawn(t, []string{"TMPDIR=" + temp}, "bench", "--scenario", "latency,stations,fanout", "--displays", "6", "--restaurants", "2",
		"--rate", "40", "--writers", "2", "--duration", "1s", "--json")
	for _, r := range benchResults(t, p, 3) {
		if r.Orders == 0 || r.Delivered != 3*r.Orders || r.Lost+r.Duplicated+r.Disordered != 0 {
			t.Errorf("%s: %d orders, %d delivered to three displays each, %d lost, %d duplicated, %d out of order",
				r.Scenario, r.Orders, r.Delivered, r.Lost, r.Duplicated, r.Disordered)
		}
		if r.Latency == nil || r.Floor == nil || r.Last == nil || r.Echo == nil || r.Ratio == 0 {
			t.Errorf("%s: something is not measured: %+v", r.Scenario, r)
		}
	}
	checkEmpty(t, temp)
}

// What writes cost is measured beside an application's plain tables, by turns, every kind of write.
func TestBenchComparesWhatWritesCostWithPlainTables(t *testing.T) {
	t.Parallel()
	temp := benchDir(t)
	p := spawn(t, []string{"TMPDIR=" + temp}, "bench", "--scenario", "load", "--displays", "6", "--restaurants", "2",
		"--rate", "40", "--writers", "2", "--duration", "400ms", "--json")
	var what []string
	r := benchResults(t, p, 1)[0]
	if u := r.Postgres; u == nil || u.Writers <= u.Node/10 || u.Node <= 0 { // whoever has gone before it was looked at counts as nothing
		t.Errorf("what writers or nodes took of Postgres was not counted: %+v", u)
	}
	for _, c := range r.Costs {
		what = append(what, c.What)
		if c.Ours <= 0 || c.Plain <= 0 || c.CPU <= 0 || c.Least <= 0 || c.RateRatio.Low <= 0 || c.RateRatio.Low > c.RateRatio.Median || c.RateRatio.Median > c.RateRatio.High {
			t.Errorf("a figure is missing, or its quartiles are not around it: %+v", c)
		}
	}
	if want := []string{"orders with lines", "statement by statement", "row by row, as an ORM", "status updates", "lines, one by one", "reads of one order"}; !slices.Equal(what, want) {
		t.Errorf("%q was compared, want %q", what, want)
	}
}

// The same for another program's tables that were attached, beside the least trigger that would announce its orders.
func TestBenchComparesWhatWritesCostAttachedTables(t *testing.T) {
	t.Parallel()
	temp := benchDir(t)
	p := spawn(t, []string{"TMPDIR=" + temp}, "bench", "--scenario", "attached", "--restaurants", "2", "--writers", "2", "--duration", "400ms", "--json")
	var what []string
	for _, c := range benchResults(t, p, 1)[0].Costs {
		what = append(what, c.What)
		if c.Beside != "a bare trigger" || c.Ours <= 0 || c.Plain <= 0 || c.CPU <= 0 || c.Least <= 0 || c.RateRatio.Low <= 0 || c.RateRatio.Low > c.RateRatio.Median {
			t.Errorf("a figure is missing, or its quartiles are not around it: %+v", c)
		}
	}
	want := []string{"attached: an order", "attached: an order with three lines", "attached: a status", "attached: a line", "attached: a payment"}
	if !slices.Equal(what, want) {
		t.Errorf("%q was compared, want %q", what, want)
	}
}

// Over orders of the past, with new ones that go through all statuses, it measures each part of the time; and Ctrl-C leaves nothing.
func TestBenchMeasuresALongTable(t *testing.T) {
	t.Parallel()
	temp := benchDir(t)
	long := func(more ...string) *process {
		return spawn(t, []string{"TMPDIR=" + temp}, append([]string{"bench", "--scenario", "long", "--past", "300", "--displays", "4", "--restaurants", "2",
			"--rate", "60", "--writers", "2"}, more...)...)
	}
	p := long("--duration", "4s", "--json")
	r := benchResults(t, p, 1)[0]
	if r.Past != 300 || len(r.Intervals) == 0 {
		t.Fatalf("the orders of the past, or the intervals, are not there: %+v", r)
	}
	for _, i := range r.Intervals {
		if i.Orders == 0 || i.Changes <= i.Orders || i.Lost+i.Disordered+i.Repairs != 0 || i.Postgres.Writers <= 0 || i.Postgres.Node <= 0 || i.Postgres.Background < 0 || i.Postgres.Autovacuum < 0 || i.Latency == nil ||
			len(i.Tables) < 3 || i.Tables[0].Name != "orders" || i.Tables[0].Rows <= 300 {
			t.Errorf("an interval lacks a figure, or something was lost in it: %+v", i)
		}
	}

	p = long("--duration", "1h")
	p.stderr.await(t, "displays listen")
	p.signal(t, "INT")
	if code := p.wait(t); code != 1 {
		t.Errorf("exit code %d", code)
	}
	checkEmpty(t, temp)
}

// With somebody's database, it asks first; and whether it ends by itself or by Ctrl-C, nothing in it is changed.
func TestBenchRemovesWhatItMadeAndNothingElse(t *testing.T) {
	t.Parallel()
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
			(select string_agg(o.id || ' ' || o.notes || ' ' || v.version, ',') from orders o join kitchen.order_versions v on v.order_id = o.id)`)
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
	until(t, "orders are written", func() bool { return h.ask(t, `select (count(*) > 5)::text from orders`) == "true" })
	p.signal(t, "INT")
	if code := p.wait(t); code != 1 {
		t.Errorf("exit code %d", code)
	}
	untouched("after Ctrl-C")
}

// What a node says in its metrics, read by Prometheus' own parser while it works, is what the bench finds at the other end.
func TestMetricsAgreeWithTheBenchUnderLoad(t *testing.T) {
	url := dbtest.New(t)
	h := newHouse(t, url, "anna") // whose pool counts what the bench writes, with its warming up
	execute(t, h, `create table written (id uuid); grant insert on written to public`)
	execute(t, h, `create function note() returns trigger language plpgsql as $$ begin insert into public.written values (NEW.id); return null; end $$`)
	execute(t, h, `create trigger note after insert on orders for each row execute function note()`)
	s, admin := startMeasured(t, onDatabase(url)...)
	const displays = 12
	p := spawn(t, onDatabase(url), "bench", "--yes", "--url", s.url, "--scenario", "load", "--displays", "12", "--restaurants", "1",
		"--rate", "150", "--writers", "3", "--duration", "2s", "--json")

	done := make(chan string, 1)
	go func() {
		line, _ := p.lines.ReadString('\n')
		done <- line
	}()
	var line string
	scrapes, most, sent := 0, 0.0, 0.0
	for line == "" {
		select {
		case line = <-done:
		case <-time.After(20 * time.Millisecond): // as often as no Prometheus would
			m := scrape(t, admin)
			now := value(t, m, "kitchen_messages_sent_total", "event")
			if now < sent {
				t.Fatalf("a counter went back from %v to %v", sent, now)
			}
			scrapes, most, sent = scrapes+1, max(most, value(t, m, "kitchen_displays", "")), now
		}
	}
	var measured struct{ Results []bench.Result }
	if err := json.Unmarshal([]byte(line), &measured); err != nil || len(measured.Results) != 1 {
		t.Fatalf("%v: %s", err, line)
	}
	if code := p.wait(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	r := measured.Results[0]
	if r.Orders < 100 || r.Delivered != displays*r.Orders || r.Lost+r.Duplicated+r.Disordered != 0 || r.Displays != displays {
		t.Errorf("not all orders were delivered once and in order: %+v", r)
	}
	if most != displays || scrapes < 10 {
		t.Errorf("at most %v displays in %d scrapes, and the bench had %d", most, scrapes, displays)
	}

	until(t, "every display left", func() bool { return value(t, scrape(t, admin), "kitchen_displays", "") == 0 })
	m := scrape(t, admin)
	written, err := strconv.ParseFloat(h.ask(t, `select count(*)::text from written`), 64)
	if err != nil || written < float64(r.Orders) {
		t.Fatalf("%v orders were written, %d of them measured: %v", written, r.Orders, err)
	}
	for _, want := range []struct {
		name, label string
		value       float64
	}{
		{"kitchen_displays_joined_total", "", displays},
		{"kitchen_events_total", "order_created", written},
		{"kitchen_messages_sent_total", "event", written * displays},
		{"kitchen_displays_behind_total", "", 0},
		{"kitchen_repairs_total", "", 0},
	} {
		if got := value(t, m, want.name, want.label); got != want.value {
			t.Errorf("%s{%s} is %v, and the bench makes it %v", want.name, want.label, got, want.value)
		}
	}
	// From hearing to sending is a part of the way from commit to display: half of the node's are no longer than most of the
	// bench's, warming up included.
	passed := m["kitchen_notification_to_send_seconds"].GetMetric()[0].GetHistogram()
	if float64(passed.GetSampleCount()) != written {
		t.Errorf("%d events were timed, of %v", passed.GetSampleCount(), written)
	}
	for _, b := range passed.GetBucket() {
		if b.GetUpperBound()*1000 >= r.Latency.P90 && float64(b.GetCumulativeCount()) < written/2 {
			t.Errorf("%d of %v events took at most %v s, and the bench's p90 is %v ms", b.GetCumulativeCount(), written, b.GetUpperBound(), r.Latency.P90)
		}
	}
}
