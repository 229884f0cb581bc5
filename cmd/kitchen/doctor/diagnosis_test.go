package doctor

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"kitchen/cmd/kitchen/database"

	"kitchen/cmd/kitchen/node"
)

const strongSecret = "Zm9vYmFyIGJheiBxdXV4IGFiY2RlZmdoaWprbG0wMTIz"

// diagnosis is the doctor's report.
type diagnosis struct {
	text   string
	code   int
	Checks []struct{ Check, Mark, Means, Mend string }
}

// diagnose examines a database, with a good key.
func diagnose(t *testing.T, at database.Config) diagnosis {
	t.Helper()
	findings := Examine(t.Context(), Config{Db: at, Keyring: node.Keyring{Secret: strongSecret}})
	var text bytes.Buffer
	if err := PrintJSON(&text, findings); err != nil {
		t.Fatal(err)
	}
	d := diagnosis{text: text.String(), code: int(Verdict(findings))}
	if err := json.Unmarshal(text.Bytes(), &d); err != nil {
		t.Fatalf("%v: %s", err, d.text)
	}
	return d
}

// expect checks the one finding of a check: its mark, and the words in it. It returns the advice.
func (d diagnosis) expect(t *testing.T, check, mark string, words ...string) (mend string) {
	t.Helper()
	found := false
	for _, f := range d.Checks {
		if f.Check != check {
			continue
		}
		found = true
		if f.Mark != mark {
			t.Errorf("%s is %s, want %s: %s", check, f.Mark, mark, f.Means)
		}
		for _, w := range words {
			if !strings.Contains(f.Means+" → "+f.Mend, w) {
				t.Errorf("%s does not say %q: %s → %s", check, w, f.Means, f.Mend)
			}
		}
		if f.Mark != "ok" && f.Mend == "" {
			t.Errorf("%s does not say what to do: %s", check, f.Means)
		}
		mend = f.Mend
	}
	if !found {
		t.Errorf("nothing is said of %s:\n%s", check, d.text)
	}
	if want := map[string]int{"ok": 0, "warning": 1, "wrong": 2}[mark]; d.code < want {
		t.Errorf("exit code %d, with a finding that is %s", d.code, mark)
	}
	return mend
}

// silent expects no finding of these checks.
func (d diagnosis) silent(t *testing.T, checks ...string) {
	t.Helper()
	for _, f := range d.Checks {
		if slices.Contains(checks, f.Check) {
			t.Errorf("%s: %s → %s", f.Check, f.Means, f.Mend)
		}
	}
}

// healthy expects no finding that is wrong or a warning.
func (d diagnosis) healthy(t *testing.T) {
	t.Helper()
	if d.code != 0 {
		t.Errorf("exit code %d:\n%s", d.code, d.text)
	}
}

// carryOut does what the doctor advised, as the database's owner: a command of this program, or statements.
func (p *scratchDatabase) carryOut(t *testing.T, mend string) {
	t.Helper()
	if strings.HasPrefix(mend, "run kitchen migrate repair") {
		if err := database.Migrate(t.Context(), database.Config{URL: p.url}, "repair", false, io.Discard); err != nil {
			t.Fatal(err)
		}
		return
	}
	for statement := range strings.SplitSeq(mend, ";") {
		p.do(t, statement)
	}
}
