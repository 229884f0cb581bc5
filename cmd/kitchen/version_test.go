package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"kitchen/cmd/kitchen/node"
)

func TestVersionSaysWhatTheProgramWasBuiltFrom(t *testing.T) {
	t.Parallel()
	out, errs, code := kitchen(t, nil, "version")
	if code != 0 || errs != "" || !strings.HasPrefix(out, "kitchen ") || !strings.Contains(out, runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH) {
		t.Errorf("%d: %s%s", code, out, errs)
	}
	out, _, _ = kitchen(t, nil, "version", "--json")
	var b node.Build
	if err := json.Unmarshal([]byte(out), &b); err != nil || b.Go != runtime.Version() || b.Version == "" || b.Revision == "" {
		t.Errorf("%v: %s", err, out)
	}
}

// What the unit starts is what the program understands; and systemd's own check finds nothing, where there is one.
func TestSystemdUnitStartsThisProgram(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("systemd/kitchen.service")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\nExecStart=/usr/local/bin/kitchen ")
	line, _, _ := strings.Cut(rest, "\n")
	args := strings.Fields(line)
	if len(args) == 0 {
		t.Fatal("the unit starts nothing")
	}
	if _, _, _, err := readSettings(onDatabase("postgres://x"), args...); err != nil {
		t.Errorf("%s: %v", line, err)
	}
	for _, want := range []string{"DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n", "LimitNOFILE="} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the unit has no %q", want)
		}
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // not a machine of systemd's
	}
	unit := strings.ReplaceAll(string(text), "/usr/local/bin/kitchen", os.Args[0])
	unit = strings.ReplaceAll(unit, "EnvironmentFile=", "EnvironmentFile=-")
	path := filepath.Join(t.TempDir(), "kitchen.service")
	if err := os.WriteFile(path, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", path).CombinedOutput(); err != nil { //nolint:gosec // found in PATH
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
}
