package main

import (
	"bytes"
	"io"
	"strings"
	"syscall"
	"testing"

	"kitchen/db/dbtest"
)

// full is standard output on a disk that takes nothing more, or one that is closed.
type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }

// A script that keeps what a command prints must not go on with an empty file.
func TestACommandWhoseOutputIsLostFails(t *testing.T) {
	t.Parallel()
	env := onDatabase(dbtest.New(t))
	if _, errs, code := kitchen(t, env, "restaurant", "add", "Bistro"); code != 0 {
		t.Fatal(errs)
	}
	lost := func(out io.Writer, args ...string) (string, int) {
		var errs bytes.Buffer
		code := report(&errs, run(t.Context(), args, env, out, &errs))
		return errs.String(), code
	}
	for _, args := range []string{"version", "--version", "version --json", "help", "help serve", "completion bash", "user add anna", "restaurant list",
		"token anna", "migrate status", "screens --json", "doctor", "doctor --json"} {
		errs, code := lost(full{syscall.ENOSPC}, strings.Fields(args)...)
		if want := map[bool]int{true: 2, false: 1}[strings.HasPrefix(args, "doctor")]; code != want || !strings.Contains(errs, "no space left on device") {
			t.Errorf("%s: exit code %d, want %d: %s", args, code, want, errs)
		}
	}
	if errs, code := lost(full{syscall.EBADF}, "version"); code != 0 { // closed by the caller, who wants none
		t.Errorf("without standard output: exit code %d, %s", code, errs)
	}
}
