package limit

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever a peer does, as often as it can, the log has some lines of it, and says how many more there would have been.
func TestLinesThatAPeerCausesAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		logs := &strings.Builder{}
		l := NewLog(slog.New(slog.NewTextHandler(logs, nil)))
		for range 10_000 {
			l.Write(slog.LevelInfo, "a display left")
		}
		l.Write(slog.LevelDebug, "not asked for")
		l.Write(slog.LevelWarn, "something else")
		if n := strings.Count(logs.String(), "a display left"); n != linesAtOnce {
			t.Errorf("%d lines at once", n)
		}
		if !strings.Contains(logs.String(), "something else") || strings.Contains(logs.String(), "not asked for") {
			t.Errorf("one kind of line hides another, or is not for this level:\n%s", logs)
		}
		time.Sleep(time.Second)
		for range 10_000 {
			l.Write(slog.LevelInfo, "a display left")
		}
		if n := strings.Count(logs.String(), "a display left"); n != linesAtOnce+linesPerSecond {
			t.Errorf("%d lines after a second", n)
		}
		if want := fmt.Sprintf("unlogged=%d", 10_000-linesAtOnce); strings.Count(logs.String(), "unlogged") != 1 || !strings.Contains(logs.String(), want) {
			t.Errorf("no %s:\n%s", want, logs)
		}
	})
}
