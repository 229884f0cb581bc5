package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestDoctorLooksAtAPrivateDatabaseThatServeUses(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	startServe(t, "KITCHEN_DATA_DIR="+dir)
	out, errs, code := kitchen(t, []string{"KITCHEN_DATA_DIR=" + dir}, "doctor")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	last := len(lines) - 1
	if code != 0 || errs != "" || last < 16 || lines[last] != fmt.Sprintf("all %d ok", last) {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
	for _, line := range lines[:last] {
		if !strings.HasPrefix(line, "✓ ok  ") {
			t.Errorf("not one line a check, with its mark: %q", line)
		}
	}
}

func TestDoctorSaysHowManyFilesMayBeOpen(t *testing.T) {
	t.Parallel()
	limited := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n 256 && exec "$0" doctor`, os.Args[0]) //nolint:gosec // this test
	limited.Env = asProcess("KITCHEN_DATA_DIR=" + t.TempDir())
	out, _ := limited.Output()
	if limited.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "may open 256 files") || !strings.Contains(string(out), "LimitNOFILE") {
		t.Errorf("exit code %d: %s", limited.ProcessState.ExitCode(), out)
	}
}

// Scripts go by the exit code and the verdict; the address comes from the settings, and its password goes nowhere.
func TestDoctorEndsWithItsVerdict(t *testing.T) {
	t.Parallel()
	env := []string{"DATABASE_URL=postgres://kitchen:hunter2@127.0.0.1:1/kitchen", "KITCHEN_JWT_SECRET=" + testSecret}
	out, errs, code := kitchen(t, env, "doctor", "--json")
	var found struct{ Verdict string }
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != 2 || found.Verdict != "wrong" || errs != "" {
		t.Errorf("exit code %d, %v: %s%s", code, err, out, errs)
	}
	if strings.Contains(out, "hunter2") {
		t.Errorf("the password is printed: %s", out)
	}
}
