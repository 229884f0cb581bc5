package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// completes asks bash itself what it would offer for the last of these words.
func completes(t *testing.T, words ...string) []string {
	t.Helper()
	script, errs, code := kitchen(t, nil, "completion", "bash")
	if code != 0 || errs != "" {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	file := filepath.Join(t.TempDir(), "kitchen.bash")
	ask := script + "\nCOMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _kitchen; printf '%s\\n' \"${COMPREPLY[@]}\"; complete -p kitchen >&2\n"
	if err := os.WriteFile(file, []byte(ask), 0o600); err != nil {
		t.Fatal(err)
	}
	bash := exec.CommandContext(t.Context(), "bash", append([]string{"--norc", file}, words...)...) //nolint:gosec // constants
	var stderr output
	bash.Stderr = &stderr
	out, err := bash.Output()
	if err != nil || !strings.Contains(stderr.String(), "complete -F _kitchen kitchen") {
		t.Fatalf("bash: %v\n%s", err, stderr.String())
	}
	return strings.Fields(string(out))
}

func TestBashCompletesEveryCommandAndSetting(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Fatalf("%v: install bash", err)
	}
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
		var flags []string
		for _, d := range definitions(c.name) {
			if takes(c, d.flag) && d.about != "" {
				flags = append(flags, "--"+d.flag)
			}
		}
		if got := completes(t, "kitchen", c.name, "--"); !slices.Equal(got, flags) {
			t.Errorf("%s: %v, want %v", c.name, got, flags)
		}
	}
	if got := completes(t, "kitchen", ""); !slices.Equal(got, append(names, "help")) {
		t.Errorf("commands: %v", got)
	}
	for _, c := range []struct {
		words string
		want  string
	}{
		{"kitchen se", "serve"},
		{"kitchen migrate ", "up down status repair"},
		{"kitchen migrate st", "status"},
		{"kitchen migrate --al", "--all"},
		{"kitchen completion z", "zsh"},
		{"kitchen help tr", "trace"},
		{"kitchen serve --log-format ", "text json"},
		{"kitchen serve --log-format j", "json"},
		{"kitchen serve --listen ", ""},
		{"kitchen serve --log-format json --max-message-b", "--max-message-bytes"},
		{"kitchen nonsense ", ""},
	} {
		if got := strings.Join(completes(t, strings.Split(c.words, " ")...), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.words, got, c.want)
		}
	}
}

// zsh and fish are not on every machine; what they are given names everything all the same.
func TestOtherShellsAreGivenEveryCommandAndSetting(t *testing.T) {
	t.Parallel()
	plain := strings.NewReplacer(`\`, "", `'`, "").Replace // quotes are the shells' own
	for shell, form := range map[string]string{"zsh": "'--%[", "fish": " -l % "} {
		out, errs, code := kitchen(t, nil, "completion", shell)
		if code != 0 || errs != "" {
			t.Fatalf("exit code %d: %s", code, errs)
		}
		for _, c := range completions() {
			if !strings.Contains(plain(out), plain(c.summary)) {
				t.Errorf("%s: no %s", shell, c.name)
			}
			for _, d := range c.flags {
				if !strings.Contains(out, strings.ReplaceAll(form, "%", d.flag)) {
					t.Errorf("%s: no --%s of %s", shell, d.flag, c.name)
				}
			}
		}
		// Where the shell itself is there, it reads the script.
		if path, err := exec.LookPath(shell); err == nil {
			check := exec.CommandContext(t.Context(), path, "-n", "/dev/stdin") //nolint:gosec // constants
			check.Stdin = strings.NewReader(out)
			if said, err := check.CombinedOutput(); err != nil {
				t.Errorf("%s -n: %v\n%s", shell, err, said)
			}
		}
	}
	for _, args := range [][]string{{"completion"}, {"completion", "tcsh"}} {
		if _, errs, code := kitchen(t, nil, args...); code != 2 || !strings.Contains(errs, "bash, zsh or fish") {
			t.Errorf("%v: exit code %d, %s", args, code, errs)
		}
	}
}
