package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kitchen/db/load"
)

// Figures replace those that were there, in their own part; what is written by hand stays.
func TestFiguresGoIntoTheirPartsOfADocument(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "README.md")
	const document = "# Page\n<!-- measured: scenarios -->\nold figures\n<!-- /measured -->\nby hand\n<!-- measured: writes -->\nold\n<!-- /measured -->\n" +
		"more\n<!-- measured: long -->\n<!-- /measured -->\nend\n"
	write := func(text string, results ...Result) (string, error) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		m := Machine{Cores: 2, Memory: 24, System: "linux/amd64", Postgres: "15.1", Program: "0.1.0", Go: "go1.26", Load: 20, Began: time.Unix(0, 0)}
		err := WriteReadme(file, results, m)
		after, _ := os.ReadFile(file)
		return string(after), err
	}
	load1 := Result{Scenario: "load", Costs: []Cost{{What: "orders with lines", Beside: "plain tables", Ours: 90, Plain: 97, CPU: 2.5, Node: 0.25, Least: 1,
		RateRatio: Range{0.82, 0.96, 1.06}, CPURatio: Range{1.97, 2.48, 2.79}}}}
	got, err := write(document, load1)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| orders with lines | 90/s, 2.50 ms each (a node's 0.25) | plain tables 97/s, 1.00 ms | 0.96 (0.82 to 1.06) | 2.48 (1.97 to 2.79) |",
		"on 2 cores, 24 GiB, linux/amd64, PostgreSQL 15.1", "busy with other things", // a load of 20 on two cores
		"old figures", "by hand", "end\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the document has no %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "\nold\n") {
		t.Errorf("old figures are left:\n%s", got)
	}
	again, err := write(got, load1)
	if err != nil || again != got {
		t.Errorf("written twice it is another document, %v:\n%s", err, again)
	}

	spread := &Spread{P50: 1, P90: 2, P99: 3, Max: 4}
	var whole []Result
	for _, name := range WholeRun() {
		whole = append(whole, Result{Scenario: name, Displays: 5, Latency: spread, Floor: spread, Last: spread, FloorLast: spread, Ratio: 1.5, Lost: 1})
	}
	long := Result{Scenario: "long", Past: 7, Intervals: []Interval{
		{Minutes: 5, Postgres: usage{Writers: 1}, Tables: []load.Table{{Name: "orders", Rows: 8}}},
		{Minutes: 10, Postgres: usage{Writers: 2, Node: 1}, Latency: spread, Tables: []load.Table{{Name: "orders", Rows: 9}}},
	}}
	got, err = write(document, append(whole, long)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| `latency` | ", "p50 1.00 ms, p99 3.00 ms: 1.50 times", "7 were lost", "| 10 | 0 | 3.00 | 2.00, 1.00, 0.00 |", "| `orders` | 8 → 9 |"} {
		if !strings.Contains(got, want) {
			t.Errorf("the document has no %q:\n%s", want, got)
		}
	}
	if _, err := write("no marks", load1); err == nil || !strings.Contains(err.Error(), "measured: writes") {
		t.Errorf("without a mark: %v", err)
	}
}
