package doctor

import (
	"fmt"
	"io"

	"kitchen/cmd/kitchen/text"
)

// mark says how bad a finding is.
type mark int

const (
	Fine    mark = iota
	warning      // it works, but costs something, or will stop working
	wrong        // serve would not start, or displays would get changes late or never
	untried      // could not be tried with this role's rights or in this database: neither good nor bad
)

func (m mark) String() string { return [...]string{"ok", "warning", "wrong", "not tried"}[m] }

// MarshalText writes a mark as a word in JSON.
func (m mark) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// finding is the result of one check. What it means and what to do about it are one line each.
type finding struct {
	Check string `json:"check"`
	Mark  mark   `json:"mark"`
	Means string `json:"means"`
	Mend  string `json:"mend,omitempty"`
}

func (x *examination) add(check string, m mark, means, mend string) {
	if m == Fine {
		mend = ""
	}
	x.findings = append(x.findings, finding{check, m, text.Harmless(means), text.Harmless(mend)})
}

// Verdict is the worst mark of all findings. What could not be tried counts for nothing.
func Verdict(all []finding) mark {
	worst := Fine
	for _, f := range all {
		if f.Mark != untried {
			worst = max(worst, f.Mark)
		}
	}
	return worst
}

// Print writes one line for each finding, for people, and a last one that counts the marks.
func Print(w io.Writer, all []finding) {
	count := map[mark]int{}
	for _, f := range all {
		count[f.Mark]++
		line := fmt.Sprintf("%s %-9s  %-16s  %s", [...]string{"✓", "!", "✗", "–"}[f.Mark], f.Mark, f.Check, f.Means)
		if f.Mend != "" {
			line += " → " + f.Mend
		}
		fmt.Fprintln(w, line)
	}
	left := ""
	if n := count[untried]; n > 0 {
		left = fmt.Sprintf(", %d not tried", n)
	}
	switch {
	case count[wrong] > 0:
		fmt.Fprintf(w, "%d wrong, %d to look at, %d ok%s: kitchens would receive orders late, or not at all\n",
			count[wrong], count[warning], count[Fine], left)
	case count[warning] > 0 && left != "":
		fmt.Fprintf(w, "%d to look at, %d ok%s: look at the warnings\n", count[warning], count[Fine], left)
	case count[warning] > 0:
		fmt.Fprintf(w, "%d to look at, %d ok: it works, but look at the warnings\n", count[warning], count[Fine])
	case left != "":
		fmt.Fprintf(w, "%d ok%s\n", count[Fine], left)
	default:
		fmt.Fprintf(w, "all %d ok\n", count[Fine])
	}
}

func PrintJSON(w io.Writer, all []finding) error {
	return text.JSON(w, struct {
		Verdict mark      `json:"verdict"`
		Checks  []finding `json:"checks"`
	}{Verdict(all), all})
}
