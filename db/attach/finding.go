package attach

import (
	"encoding/json"
	"fmt"
	"io"
)

// Level says how bad a finding is.
type Level int

// The levels, from good to bad. A warning costs something, but works; a mapping with a wrong finding is not installed.
const (
	OK Level = iota
	Warning
	Wrong
)

func (l Level) String() string { return [...]string{"ok", "warning", "wrong"}[l] }

// MarshalText makes a level a word in JSON.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Finding is what one check found: what it means, and what to do about it.
type Finding struct {
	Check string `json:"check"`
	Level Level  `json:"mark"`
	Means string `json:"means"`
	Mend  string `json:"mend,omitempty"`
}

// Report is findings in the order in which they were made.
type Report []Finding

func (r *Report) add(check string, level Level, mend, means string, args ...any) {
	if len(args) > 0 {
		means = fmt.Sprintf(means, args...)
	}
	if level == OK {
		mend = ""
	}
	*r = append(*r, Finding{check, level, means, mend})
}

// Worst is the level of the worst finding.
func (r Report) Worst() Level {
	worst := OK
	for _, f := range r {
		worst = max(worst, f.Level)
	}
	return worst
}

// RefusedError says why a mapping or a database is refused, and what to do about it.
type RefusedError struct {
	Place string // file and line; empty where it is not the file's fault
	Means string
	Mend  string
}

func (e *RefusedError) Error() string {
	text := e.Means
	if e.Place != "" {
		text = e.Place + ": " + text
	}
	if e.Mend != "" {
		text += "; " + e.Mend
	}
	return text
}

// Print writes a line for each finding, with a mark and what to do, and a verdict.
func (r Report) Print(w io.Writer) {
	count := map[Level]int{}
	for _, f := range r {
		count[f.Level]++
		line := fmt.Sprintf("%s %-7s  %-11s  %s", [...]string{"✓", "!", "✗"}[f.Level], f.Level, f.Check, clean(f.Means))
		if f.Mend != "" {
			line += " → " + clean(f.Mend)
		}
		fmt.Fprintln(w, line)
	}
	switch {
	case count[Wrong] > 0:
		fmt.Fprintf(w, "%d wrong, %d to look at, %d ok: this mapping is not installed as it is\n", count[Wrong], count[Warning], count[OK])
	case count[Warning] > 0:
		fmt.Fprintf(w, "%d to look at, %d ok: it works, but look at the warnings\n", count[Warning], count[OK])
	default:
		fmt.Fprintf(w, "all %d ok\n", count[OK])
	}
}

// PrintJSON writes the findings in the form of the doctor's.
func (r Report) PrintJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Verdict Level     `json:"verdict"`
		Checks  []Finding `json:"checks"`
	}{r.Worst(), r})
}

// Refusal is a report of one refusal.
func Refusal(r *RefusedError) Report {
	means := r.Means
	if r.Place != "" {
		means = r.Place + ": " + means
	}
	return Report{{"mapping", Wrong, means, r.Mend}}
}
