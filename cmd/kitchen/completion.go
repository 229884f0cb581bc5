package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// completed is a command as a shell completes it.
type completed struct {
	command
	words []string     // its arguments, where they are words to choose from
	flags []definition // in the order of the help
}

func completions() (all []completed) {
	choice := regexp.MustCompile(`^[a-z]+( \| [a-z]+)+$`)
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
		done := completed{command: c}
		if choice.MatchString(c.args) {
			done.words = strings.Split(c.args, " | ")
		}
		for _, d := range definitions(c.name) {
			if takes(c, d.flag) && d.about != "" {
				done.flags = append(done.flags, d)
			}
		}
		all = append(all, done)
	}
	return append(all, completed{command: command{name: "help", summary: "say what a command does"}, words: names})
}

// choices are the values of a setting, where they are words to choose from.
func (d definition) choices() []string {
	if regexp.MustCompile(`^[a-z]+(\|[a-z]+)+$`).MatchString(d.unit) {
		return strings.Split(d.unit, "|")
	}
	return nil
}

// brief is what a setting means, in one line.
func (d definition) brief() string {
	line, _, _ := strings.Cut(d.about, "\n")
	return line
}

func checkCompletion(_ *settings, args []string) []string {
	if len(args) == 0 || !slices.Contains([]string{"bash", "zsh", "fish"}, args[0]) {
		return []string{"say for which shell: kitchen completion bash, zsh or fish"}
	}
	return nil
}

func runCompletion(_ context.Context, p *program) error {
	map[string]func(io.Writer, []completed){"bash": completeBash, "zsh": completeZsh, "fish": completeFish}[p.args[0]](p.stdout, completions())
	return nil
}

// completeBash writes for bash 3.2, which macOS has, and later; before 4 files are not completed.
func completeBash(w io.Writer, all []completed) {
	var names, cases, files, dirs, values, chosen []string
	for _, c := range all {
		names = append(names, c.name)
		var flags []string
		for _, d := range c.flags {
			flag := "--" + d.flag
			flags = append(flags, flag)
			switch {
			case d.unit == "FILE":
				files = append(files, flag)
			case d.unit == "DIRECTORY":
				dirs = append(dirs, flag)
			case d.choices() != nil:
				chosen = append(chosen, fmt.Sprintf("    %s) words=%q; flags= ;;", flag, strings.Join(d.choices(), " ")))
			case d.unit != "":
				values = append(values, flag)
			}
		}
		cases = append(cases, fmt.Sprintf("    %s) flags=%q; words=%q ;;", c.name, strings.Join(flags, " "), strings.Join(c.words, " ")))
	}
	unique := func(list []string) string { slices.Sort(list); return strings.Join(slices.Compact(list), " | ") }
	slices.Sort(chosen)
	fmt.Fprintf(w, `# kitchen completion bash: put this into ~/.bashrc:  source <(kitchen completion bash)
_kitchen() {
  local current=${COMP_WORDS[COMP_CWORD]} flags= words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W %q -- "$current"))
    return
  fi
  case ${COMP_WORDS[1]} in
%s
  esac
  case ${COMP_WORDS[COMP_CWORD-1]} in
    %s) compopt -o default 2>/dev/null; return ;;
    %s) compopt -o dirnames 2>/dev/null; return ;;
%s
    %s) return ;;
  esac
  case $current in
    -*) words=$flags ;;
    *) [ -n "$words" ] || words=$flags ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _kitchen kitchen
`, strings.Join(names, " "), strings.Join(cases, "\n"), unique(files), unique(dirs), strings.Join(slices.Compact(chosen), "\n"), unique(values))
}

// completeZsh writes for zsh, to be found by compinit or to be sourced after it.
func completeZsh(w io.Writer, all []completed) {
	quote := strings.NewReplacer(`'`, `'\''`, `[`, `\[`, `]`, `\]`, `:`, `\:`).Replace
	fmt.Fprint(w, "#compdef kitchen\n# kitchen completion zsh > \"${fpath[1]}/_kitchen\", or in ~/.zshrc after compinit:  source <(kitchen completion zsh)\n"+
		"_kitchen() {\n  local -a commands\n  commands=(\n")
	for _, c := range all {
		fmt.Fprintf(w, "    '%s:%s'\n", c.name, quote(c.summary))
	}
	fmt.Fprint(w, "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n")
	for _, c := range all {
		fmt.Fprintf(w, "    %s)\n      _arguments", c.name)
		if c.words != nil {
			fmt.Fprintf(w, " '1:%s:(%s)'", c.name, strings.Join(c.words, " "))
		}
		for _, d := range c.flags {
			action := ""
			switch {
			case d.unit == "FILE":
				action = ":file:_files"
			case d.unit == "DIRECTORY":
				action = ":directory:_files -/"
			case d.choices() != nil:
				action = ":" + d.flag + ":(" + strings.Join(d.choices(), " ") + ")"
			case d.unit != "":
				action = ":" + quote(d.unit) + ": "
			}
			fmt.Fprintf(w, " \\\n        '--%s[%s]%s'", d.flag, quote(d.brief()), action)
		}
		fmt.Fprint(w, "\n      ;;\n")
	}
	fmt.Fprint(w, "  esac\n}\nif [ \"${funcstack[1]}\" = _kitchen ]; then _kitchen \"$@\"; else compdef _kitchen kitchen; fi\n")
}

func completeFish(w io.Writer, all []completed) {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace
	fmt.Fprint(w, "# kitchen completion fish > ~/.config/fish/completions/kitchen.fish\ncomplete -c kitchen -f\n")
	for _, c := range all {
		fmt.Fprintf(w, "complete -c kitchen -n __fish_use_subcommand -a %s -d '%s'\n", c.name, quote(c.summary))
		seen := "-n '__fish_seen_subcommand_from " + c.name + "'"
		if c.words != nil {
			fmt.Fprintf(w, "complete -c kitchen %s -a '%s'\n", seen, strings.Join(c.words, " "))
		}
		for _, d := range c.flags {
			value := ""
			switch {
			case d.unit == "FILE", d.unit == "DIRECTORY":
				value = " -r -F"
			case d.choices() != nil:
				value = " -x -a '" + strings.Join(d.choices(), " ") + "'"
			case d.unit != "":
				value = " -x"
			}
			fmt.Fprintf(w, "complete -c kitchen %s -l %s%s -d '%s'\n", seen, d.flag, value, quote(d.brief()))
		}
	}
}
