package faulttest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// Result is one row of the table that the tests of faults print.
type Result struct {
	Fault     string // F01
	Name      string // in words
	Converged time.Duration
	Lost      int // displays that never showed the database's queue
	Displays  int
	Changes   int // committed while the fault lasted
	Remark    string
	Held      bool
}

// Table collects results. A nil table collects nothing.
type Table struct {
	path string
	mu   sync.Mutex
}

// NewTable appends its rows to a file, as Markdown. Without a path it keeps nothing.
func NewTable(path string) *Table {
	if path == "" {
		return nil
	}
	return &Table{path: path}
}

// Add writes one row at once, so that an aborted run leaves its rows so far.
func (t *Table) Add(r Result) error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	f, err := os.OpenFile(t.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("table of results: %w", err)
	}
	_, err = fmt.Fprintln(f, r.line())
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

func (r Result) line() string {
	verdict := "held"
	if !r.Held {
		verdict = "**not held**"
	}
	converged := "–"
	if r.Displays > 0 {
		converged = fmt.Sprintf("%.2f s", r.Converged.Seconds())
	}
	return fmt.Sprintf("| %s | %s | %s | %d | %d of %d | %s | %s |", r.Fault, strings.ReplaceAll(r.Name, "_", " "), converged,
		r.Changes, r.Lost, r.Displays, verdict, r.Remark)
}
