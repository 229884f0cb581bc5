package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kitchen/cmd/kitchen/node"
)

func TestVersionSaysWhatTheProgramWasBuiltFrom(t *testing.T) {
	t.Parallel()
	out, errs, code := kitchen(t, nil, "version")
	if code != 0 || errs != "" || !strings.HasPrefix(out, "kitchen ") || !strings.Contains(out, runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH) {
		t.Errorf("%d: %s%s", code, out, errs)
	}
	out, _, _ = kitchen(t, nil, "version", "--json")
	var b map[string]any
	if err := json.Unmarshal([]byte(out), &b); err != nil || b["go"] != runtime.Version() || b["version"] != node.Version || b["revision"] == "" {
		t.Errorf("%v: %s", err, out)
	}
	if same, _, code := kitchen(t, nil, "--version"); code != 0 || !strings.HasPrefix(same, "kitchen "+node.Version) {
		t.Errorf("--version: %d: %s", code, same)
	}
}

// What the program calls itself is the newest version in the changelog, whose versions go down from there.
func TestVersionIsTheNewestOfTheChangelog(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	headings := regexp.MustCompile(`(?m)^## (.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(headings) > 0 && headings[0][1] == "[Unreleased]" {
		headings = headings[1:]
	}
	if len(headings) == 0 {
		t.Fatal("the changelog has no version")
	}
	out, _, _ := kitchen(t, nil, "version")
	first, _, _ := strings.Cut(out, "\n")
	if newest, _, _ := strings.Cut(strings.TrimPrefix(headings[0][1], "["), "]"); first != "kitchen "+newest {
		t.Errorf("the program says %q, and the newest version of the changelog is %q", first, newest)
	}
	heading := regexp.MustCompile(`^\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d)$`)
	var newer []int
	day := "9999-12-31"
	for _, h := range headings {
		m := heading.FindStringSubmatch(h[1])
		if m == nil {
			t.Fatalf("%q is no heading of a version, like [0.1.0] - 2026-11-29", h[1])
		}
		var version []int
		for _, part := range m[1:4] {
			n, _ := strconv.Atoi(part)
			version = append(version, n)
		}
		if newer != nil && slices.Compare(version, newer) >= 0 || m[4] > day {
			t.Errorf("%q comes after a version that is older, or of a day before", h[1])
		}
		if _, err := time.Parse(time.DateOnly, m[4]); err != nil {
			t.Errorf("%q: %v", h[1], err)
		}
		newer, day = version, m[4]
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
	if len(args) != 1 {
		t.Fatalf("the unit starts %q, and a flag would win over what the operator sets in the file", line)
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
