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
	warning      // works, but costs, or will not for long
	wrong        // serve would not work, or events would come late or never
)

func (m mark) String() string { return [...]string{"ok", "warning", "wrong"}[m] }

// MarshalText makes a mark a word in JSON.
func (m mark) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// finding is what one check found: in one line each, what it means and what to do about it.
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

func Verdict(all []finding) mark {
	worst := Fine
	for _, f := range all {
		worst = max(worst, f.Mark)
	}
	return worst
}

func Print(w io.Writer, all []finding) {
	count := map[mark]int{}
	for _, f := range all {
		count[f.Mark]++
		line := fmt.Sprintf("%s %-7s  %-16s  %s", [...]string{"✓", "!", "✗"}[f.Mark], f.Mark, f.Check, f.Means)
		if f.Mend != "" {
			line += " → " + f.Mend
		}
		fmt.Fprintln(w, line)
	}
	switch {
	case count[wrong] > 0:
		fmt.Fprintf(w, "%d wrong, %d to look at, %d ok: kitchens would hear of orders late, or not at all\n",
			count[wrong], count[warning], count[Fine])
	case count[warning] > 0:
		fmt.Fprintf(w, "%d to look at, %d ok: it works, but look at the warnings\n", count[warning], count[Fine])
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
