package demo

import (
	"strings"
	"testing"

	"kitchen/db/rush"
)

func TestScoreboardShowsProgress(t *testing.T) {
	var out strings.Builder
	b := newScoreboard(&out)
	b.count(rush.Change{Created: true})
	b.count(rush.Change{})
	b.print(0)
	if out.String() != "0s  1 order, 2 changes\n" {
		t.Errorf("%q", out.String())
	}
	b.terminal = true
	b.print(0)
	if !strings.HasSuffix(out.String(), "\r0s  1 order, 2 changes\x1b[K") {
		t.Errorf("%q", out.String())
	}
}
