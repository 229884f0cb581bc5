package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// printHelp says what a command does, which commands may follow it, and for each setting its flag, environment variable, unit
// and default. It never reads a setting's value.
func printHelp(c *cobra.Command, _ []string) {
	w := c.OutOrStdout()
	if c.HasParent() {
		fmt.Fprintf(w, "%s: %s\n\n", c.CommandPath(), c.Short)
	}
	if c.Long != "" {
		fmt.Fprintf(w, "%s\n\n", c.Long)
	}
	usage := c.UseLine()
	if c.HasAvailableSubCommands() {
		usage += " COMMAND"
	}
	fmt.Fprintf(w, "Usage: %s [flags]\n", usage)
	printCommands(w, c)
	if !c.HasParent() {
		fmt.Fprint(w, `
Start with: kitchen demo
kitchen help COMMAND says what a command does and lists its settings. Each setting is a flag or an environment variable;
a flag wins. Exit codes: 0 done, 1 failed, 2 called wrongly.
`)
	}
	printSettings(w, c)
}

func printCommands(w io.Writer, c *cobra.Command) {
	width := 10
	for _, sub := range c.Commands() {
		width = max(width, len(sub.Name())+1)
	}
	for _, group := range append(c.Groups(), &cobra.Group{}) { // the last group holds the commands without a group
		title := "\n" + group.Title + ":\n"
		for _, sub := range c.Commands() {
			if sub.GroupID == group.ID && sub.IsAvailableCommand() {
				fmt.Fprintf(w, "%s  %-*s %s\n", strings.Replace(title, "\n:\n", "\n", 1), width, sub.Name(), sub.Short)
				title = ""
			}
		}
	}
}

func printSettings(w io.Writer, c *cobra.Command) {
	title, secret := "\nSettings:\n", false
	c.Flags().VisitAll(func(f *pflag.Flag) {
		v, ok := f.Value.(*settingFlag)
		if !ok || f.Hidden {
			return
		}
		secret = secret || v.secret
		head := "--" + v.flag
		if v.unit != "" {
			head += " " + v.unit
		}
		if v.env != "" {
			head += ", or " + v.env
		}
		fmt.Fprintf(w, "%s  %s\n      %s\n", title, head, strings.ReplaceAll(v.about, "\n", "\n      "))
		if v.byDefault != "" {
			fmt.Fprintf(w, "      Default: %s.\n", v.byDefault)
		}
		title = ""
	})
	if secret {
		fmt.Fprint(w, `
A flag is seen by everybody who can list this machine's processes: give passwords, secrets and tokens in the environment.
`)
	}
}
