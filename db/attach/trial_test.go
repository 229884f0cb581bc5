package attach

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
)

// A table of which no change shows may take twice its time, and no more: those after it have to be proved as well.
func TestTableWithoutEffectLeavesTimeToTheOthers(t *testing.T) {
	t.Parallel()
	for spent, want := range map[time.Duration]struct{ showed, not bool }{
		time.Second:     {false, false},
		3 * time.Second: {true, false},
		5 * time.Second: {true, true},
	} {
		p := &proof{began: time.Now().Add(-spent), share: 2 * time.Second}
		if got := p.late(true); got != want.showed {
			t.Errorf("after %s of 2s, with a change that showed: %t", spent, got)
		}
		if got := p.late(false); got != want.not {
			t.Errorf("after %s of 2s, and none that showed: %t", spent, got)
		}
	}
}

// Writers of the host wait while changes are tried. Where time is up, a change of each table is tried, and the report says that it was no more.
func TestProofEndsWhenItsTimeIsUp(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), dbtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.PgConn().Exec(t.Context(), `drop schema public cascade; create schema public; `+dbtest.Script(t, "testdata/django.sql")).ReadAll(); err != nil {
		t.Fatal(err)
	}
	template, err := FindTemplate("django")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse("django.sql", []byte(template.Text))
	if err != nil {
		t.Fatal(err)
	}
	var report Report
	err = RolledBack(t.Context(), conn, func(tx pgx.Tx) error {
		d, err := m.read(t.Context(), tx)
		if err != nil {
			return err
		}
		return prove(t.Context(), tx, m, d, 0, &report)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report {
		if f.Check == "changes" && !strings.Contains(f.Means, "no time") {
			t.Errorf("%s: %s", f.Check, f.Means)
		}
	}
}
