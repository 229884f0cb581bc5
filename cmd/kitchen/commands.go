package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const aboutTitle = "About this program"

// newRoot makes the command line with all commands. They read flags and environment into p.
func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use:  "kitchen",
		Long: "kitchen shows a restaurant's orders on its kitchen displays, at once, whichever program writes them into Postgres.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return c.Help()
			case args[0] == "--version": // as many other programs have it
				return runVersion(c.Context(), p)
			}
			return unknownCommand(c, args[0])
		},
		SilenceErrors: true, SilenceUsage: true, // report prints them
		DisableFlagsInUseLine: true,
	}
	root.FParseErrWhitelist.UnknownFlagsHandling = pflag.PassUnknownFlagToArgs
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetHelpFunc(printHelp)
	root.SetFlagErrorFunc(p.flagError)
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	for _, g := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Try it", []*cobra.Command{demoCommand(p), watchCommand(p), simulateCommand(p), benchCommand(p)}},
		{"Run it", []*cobra.Command{serveCommand(p), migrateCommand(p), attachCommand(p)}},
		{"Divide the work", []*cobra.Command{stationCommand(p)}},
		{"Let people in", []*cobra.Command{restaurantCommand(p), userCommand(p), tokenCommand(p), pairCommand(p), screensCommand(p)}},
		{"Look after it", []*cobra.Command{doctorCommand(p), traceCommand(p), alarmsCommand(p), healthCommand(p)}},
		{aboutTitle, []*cobra.Command{versionCommand(p), completionCommand(p)}},
	} {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.title
			root.AddCommand(c)
		}
	}
	setHelpCommand(root)
	return root
}

// action is what a command does with its settings.
type action struct {
	settings []definition
	missing  string                                    // what to say where an argument is missing
	check    func(s *settings, args []string) []string // what is wrong with settings together that are each valid
	run      func(context.Context, *program) error
}

// command makes c read its settings, and run. c.Use names the arguments, in brackets those that may be left out.
func (p *program) command(c *cobra.Command, a action) *cobra.Command {
	p.prepare(c, c.Flags(), a.settings)
	if a.check == nil {
		a.check = func(*settings, []string) []string { return nil }
	}
	c.PreRunE = func(c *cobra.Command, args []string) error {
		return p.readSettings(c, args, func(args []string) []string {
			named := strings.Fields(c.Use)[1:]
			switch {
			case len(args) > len(named):
				return []string{fmt.Sprintf("unexpected argument %q (kitchen help %s)", args[len(named)], commandName(c))}
			case len(args) < len(named) && !strings.HasPrefix(named[len(args)], "["):
				return append([]string{a.missing + ": " + c.CommandPath() + " " + strings.Join(named, " ")}, a.check(&p.settings, args)...)
			}
			return a.check(&p.settings, args)
		})
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		p.args = args
		return a.run(c.Context(), p)
	}
	return c
}

// group makes c a command with subcommands, which share its settings. Its annotations say what to do instead of
// words that are none of them.
func (p *program) group(c *cobra.Command, definitions []definition, commands ...*cobra.Command) *cobra.Command {
	p.prepare(c, c.PersistentFlags(), definitions)
	c.AddCommand(commands...)
	var names []string
	for _, sub := range commands {
		names = append(names, sub.Name())
	}
	last := len(names) - 1
	choice := strings.Join(names[:last], ", ") + " or " + names[last]
	c.RunE = func(c *cobra.Command, args []string) error {
		return p.readSettings(c, args, func(args []string) []string {
			if len(args) > 0 {
				hint := didYouMean("", args[0], names)
				if instead := c.Annotations[args[0]]; instead != "" {
					hint = ": " + instead
				}
				return []string{fmt.Sprintf("%q is not %s%s", args[0], choice, hint)}
			}
			return []string{"say " + choice + ": " + c.CommandPath() + " " + commands[0].Use}
		})
	}
	return c
}

func (p *program) prepare(c *cobra.Command, flags *pflag.FlagSet, definitions []definition) {
	c.Args = cobra.ArbitraryArgs // readSettings looks at them, to report all problems together
	c.FParseErrWhitelist.UnknownFlagsHandling = pflag.PassUnknownFlagToArgs
	c.Flags().SortFlags, flags.SortFlags, c.DisableFlagsInUseLine = false, false, true
	for _, d := range definitions {
		flags.AddFlag(p.newFlag(d))
		_ = c.RegisterFlagCompletionFunc(d.flag, d.complete) // the flag was added above
	}
}

// setHelpCommand makes the library's help fail for a command that is not there.
func setHelpCommand(root *cobra.Command) {
	root.SetHelpCommandGroupID(aboutTitle)
	root.InitDefaultHelpCmd()
	help, _, _ := root.Find([]string{"help"})
	help.Use, help.Short, help.Long, help.Run = "help [COMMAND]", "say what a command does, and which settings it has", "", nil
	help.DisableFlagsInUseLine = true
	help.RunE = func(_ *cobra.Command, args []string) error {
		c, unknown, _ := root.Find(args)
		if len(unknown) > 0 {
			return unknownCommand(c, unknown[0])
		}
		return c.Help()
	}
}

// commandName is the name of a command as it is called, without the program's.
func commandName(c *cobra.Command) string {
	return strings.TrimPrefix(strings.TrimPrefix(c.CommandPath(), c.Root().Name()), " ")
}

func unknownCommand(c *cobra.Command, name string) error {
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	return &usageError{command: commandName(c), problems: []string{
		fmt.Sprintf("unknown command %q%s (kitchen help lists all)", name, didYouMean("", name, names))}}
}

// didYouMean returns a question with the names that differ from name in one or two letters, by cobra's own measure.
func didYouMean(prefix, name string, names []string) string {
	typed := cobra.Command{SuggestionsMinimumDistance: 2}
	for _, n := range names {
		if len(n)-len(name) <= 2 { // cobra also suggests every name that begins with name
			typed.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
		}
	}
	near := typed.SuggestionsFor(name)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + prefix + strings.Join(near, " or "+prefix) + "?"
}
