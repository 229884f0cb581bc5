package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"kitchen/db/attach"
)

func completionCommand(p *program) *cobra.Command {
	shell := func(name string, print func(*cobra.Command) error) *cobra.Command {
		c := &cobra.Command{Use: name, Short: "for " + name}
		return p.command(c, action{run: func(context.Context, *program) error { return print(c.Root()) }})
	}
	return p.group(&cobra.Command{
		Use: "completion", Short: "print what lets a shell complete commands and settings",
		Long: `In bash: source <(kitchen completion bash). In zsh, after compinit: source <(kitchen completion zsh). In fish:
kitchen completion fish > ~/.config/fish/completions/kitchen.fish.`,
	}, nil,
		shell("bash", func(root *cobra.Command) error {
			if err := root.GenBashCompletionV2(p.stdout, true); err != nil {
				return err
			}
			_, err := fmt.Fprint(p.stdout, withoutBashCompletion)
			return err
		}),
		shell("zsh", func(root *cobra.Command) error { return root.GenZshCompletion(p.stdout) }),
		shell("fish", func(root *cobra.Command) error { return root.GenFishCompletion(p.stdout, true) }),
	)
}

// withoutBashCompletion replaces two functions of the package bash-completion, which not every machine has.
const withoutBashCompletion = `
if ! declare -F _get_comp_words_by_ref >/dev/null; then
    __kitchen_init_completion()
    {
        COMPREPLY=()
        words=("${COMP_WORDS[@]}")
        cword=$COMP_CWORD
        cur=${words[cword]}
        prev=${words[cword-1]}
    }
fi
`

// complete offers the values of a setting where it has a list of them, and otherwise its unit as a hint.
func (d definition) complete(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch {
	case len(d.offers) > 0:
		return d.offers, cobra.ShellCompDirectiveNoFileComp
	case d.unit == "FILE" || d.unit == "DIRECTORY":
		return nil, cobra.ShellCompDirectiveDefault
	case strings.Contains(d.unit, "|") && d.unit == strings.ToLower(d.unit):
		return strings.Split(d.unit, "|"), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// completeFiles is for arguments that are files.
func completeFiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func completeTemplates(*cobra.Command, []string, string) (names []cobra.Completion, _ cobra.ShellCompDirective) {
	for _, t := range attach.Templates() {
		names = append(names, cobra.CompletionWithDesc(t.Name, t.About))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
