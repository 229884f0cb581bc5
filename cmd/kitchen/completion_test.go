package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

const bashCompletion = "/usr/share/bash-completion/bash_completion"

// shell has a shell read the program's completions, and then run a script with these arguments.
func shell(t *testing.T, name, script string, args ...string) []string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v: install %s", err, name)
	}
	completions, errs, code := kitchen(t, nil, "completion", name)
	if code != 0 || errs != "" {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	dir := t.TempDir()
	if err := os.Symlink(os.Args[0], filepath.Join(dir, "kitchen")); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"_kitchen": completions, "script": script} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), path, append([]string{filepath.Join(dir, "script"), dir}, args...)...) //nolint:gosec // this test
	run.Dir = dir
	run.Env = asProcess("PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir, "TERM=dumb")
	var stderr output
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil || stderr.String() != "" {
		t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// bashScript asks bash what it would offer for the last of some words, as it asks itself when the tab key is pressed.
const bashScript = `
[ -z "$2" ] || . "$2"
. "$1/_kitchen"
shift 2
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_TYPE=9
COMP_POINT=${#COMP_LINE}
compopt() { :; } # it works only while the tab key is pressed
$(complete -p kitchen | sed 's/.* -F \([^ ]*\) .*/\1/') kitchen
printf '%s\n' "${COMPREPLY[@]}"
`

func TestBashCompletesEveryCommandAndSetting(t *testing.T) {
	t.Parallel()
	libraries := []string{""} // bash works without
	if _, err := os.Stat(bashCompletion); err == nil {
		libraries = append(libraries, bashCompletion)
	}
	for i, library := range libraries {
		completes := func(words ...string) (offered []string) {
			for _, line := range shell(t, "bash", bashScript, append([]string{library, "kitchen"}, words...)...) {
				word, _, _ := strings.Cut(line, " ") // a description follows
				offered = append(offered, word)
			}
			slices.Sort(offered)
			return offered
		}
		names := []string{"help"}
		everyCommand(newRoot(&program{}), func(c *cobra.Command) {
			if !c.Parent().HasParent() {
				names = append(names, c.Name())
			}
			if i > 0 {
				return // they were compared already
			}
			flags := []string{"--help"}
			for _, d := range offered(c) {
				flags = append(flags, "--"+d.flag)
			}
			slices.Sort(flags)
			if got := completes(append(strings.Fields(commandName(c)), "--")...); !slices.Equal(got, flags) {
				t.Errorf("%s: %v, want %v", commandName(c), got, flags)
			}
		})
		slices.Sort(names)
		if got := completes(""); !slices.Equal(got, names) {
			t.Errorf("commands: %v, want %v", got, names)
		}
		for words, want := range map[string]string{
			"se":                    "serve",
			"migrate ":              "down repair role status up",
			"migrate st":            "status",
			"migrate --al":          "--all",
			"migrate --all do":      "down",
			"completion z":          "zsh",
			"help tr":               "trace",
			"help migrate re":       "repair",
			"attach template mag":   "",
			"serve --log-format ":   "json text",
			"serve --log-format j":  "json",
			"user add bo --role v":  "viewer",
			"serve --listen ":       "",
			"demo --host ":          "django",
			"serve --tls-cert _kit": "",
			"nonsense ":             "",
			"serve --log-format json --max-message-b": "--max-message-bytes",
		} {
			if got := strings.Join(completes(strings.Split(words, " ")...), " "); got != want {
				t.Errorf("%s: %q, want %q", words, got, want)
			}
		}
	}
}

// All shells ask the program itself. The answer names every command and setting, with a line that says what it is.
func TestShellsAreToldEveryCommandAndSetting(t *testing.T) {
	t.Parallel()
	everyCommand(newRoot(&program{}), func(c *cobra.Command) {
		name := strings.Fields(commandName(c))
		out, _, code := kitchen(t, nil, append([]string{"__complete"}, name...)...)
		if want := c.Name() + "\t" + c.Short + "\n"; code != 0 || !strings.Contains(out, want) {
			t.Errorf("exit code %d, no %q in\n%s", code, want, out)
		}
		out, _, _ = kitchen(t, nil, append(append([]string{"__complete"}, name...), "--")...)
		for _, d := range offered(c) {
			about, _, _ := strings.Cut(d.about, "\n")
			if want := "--" + d.flag + "\t" + about + "\n"; !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", c.Name(), want, out)
			}
		}
	})
	for line, directive := range map[string]cobra.ShellCompDirective{
		"serve --tls-cert ": cobra.ShellCompDirectiveDefault, "serve --data-dir ": cobra.ShellCompDirectiveDefault, "attach check ": cobra.ShellCompDirectiveDefault,
		"serve ": cobra.ShellCompDirectiveNoFileComp, "serve --listen ": cobra.ShellCompDirectiveNoFileComp, "token ": cobra.ShellCompDirectiveNoFileComp,
	} {
		if out, _, _ := kitchen(t, nil, append([]string{"__complete"}, strings.Split(line, " ")...)...); out != fmt.Sprintf(":%d\n", directive) {
			t.Errorf("%s: %q, want :%d", line, out, directive)
		}
	}
}

// zsh and fish are not on every machine. Where they are, they are asked.
func TestOtherShellsCompleteSettings(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"fish": `source $argv[1]/_kitchen; complete -C "kitchen serve --log-format "; complete -C "kitchen migrate s"`,
		// zsh completes only at a prompt. Without one, the functions of its own that show what is offered are stood in for.
		"zsh": `compdef() { : }
_describe() { print -l -- ${(P)${@[2]}} }
source $1/_kitchen
words=(kitchen serve --log-format "") CURRENT=4; _kitchen
words=(kitchen migrate s) CURRENT=3; _kitchen`,
	} {
		if _, err := exec.LookPath(name); err != nil {
			t.Logf("%s is not there to be asked", name)
			continue
		}
		said := strings.Join(shell(t, name, script), "\n")
		for _, want := range []string{"json", "text", "status"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: no %q in\n%s", name, want, said)
			}
		}
	}
	for _, args := range [][]string{{"completion"}, {"completion", "tcsh"}} {
		if _, errs, code := kitchen(t, nil, args...); code != 2 || !strings.Contains(errs, "bash, zsh or fish") {
			t.Errorf("%v: exit code %d, %s", args, code, errs)
		}
	}
}
