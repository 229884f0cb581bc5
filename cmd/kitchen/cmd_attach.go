package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/mapping"
	"kitchen/db/attach"
)

func attachCommand(p *program) *cobra.Command {
	template := p.command(&cobra.Command{Use: "template [NAME]", Short: "print a mapping to edit"}, action{check: checkTemplate, run: runTemplate})
	template.ValidArgsFunction = completeTemplates
	check := p.command(&cobra.Command{Use: "check FILE", Short: "prove a mapping, and change nothing"}, attachAction("check",
		func(ctx context.Context, p *program, d mapping.Commands) error {
			return verdict(d.Check(ctx, p.args[0], p.as))
		}))
	migration := p.command(&cobra.Command{Use: "migration FILE", Short: "print a mapping as a migration"}, attachAction("migration",
		func(ctx context.Context, p *program, d mapping.Commands) error {
			return d.Migration(ctx, p.args[0], p.detach)
		}))
	up := p.command(&cobra.Command{Use: "up FILE", Short: "check a mapping and install it"}, attachAction("up",
		func(ctx context.Context, p *program, d mapping.Commands) error { return verdict(d.Up(ctx, p.args[0])) }))
	down := p.command(&cobra.Command{Use: "down", Short: "take the installed mapping away"}, attachAction("down",
		func(ctx context.Context, _ *program, d mapping.Commands) error { return d.Down(ctx) }))
	for _, c := range []*cobra.Command{check, migration, up} {
		c.ValidArgsFunction = completeFiles
	}
	return p.group(&cobra.Command{
		Use: "attach", Short: "put displays on the tables of another program",
		Long: `A mapping is an SQL file with views that say how a database's own tables become orders for a kitchen. template prints
one to edit: for a system that is known by name (--list), or, without a name, guessed from this database's tables. check
proves it by real changes that are rolled back, and changes nothing; --as prints the queue that a user's display would get.
migration prints the whole as one goose migration, or, with --detach, what takes it off before the host changes. up checks and installs it, down takes it away and leaves the database as
it was. Exit codes are those of doctor. For some seconds of check and up, writers of the mapped tables wait.`,
	}, append(shared("database-url", "listen-database-url", "json"),
		toggle("list", "With template: list the systems that have one.", func(s *settings) *bool { return &s.list }),
		definition{flag: "as", unit: "USER", byDefault: "none", about: "With check: print the queue that this user's display would get, by id or name.",
			set: func(s *settings, v string) error { s.as = v; return nil }},
		toggle("detach", "With migration: exchange Up and Down, to go before a migration of the host's own that changes what the views read.", func(s *settings) *bool { return &s.detach })),
		template, check, migration, up, down)
}

// attachAction runs a command of attach on the database that the settings name.
func attachAction(word string, do func(context.Context, *program, mapping.Commands) error) action {
	return action{
		missing: "give the mapping",
		check:   func(s *settings, _ []string) []string { return append(misplaced(s, word), checkAttachedURL(s)...) },
		run:     func(ctx context.Context, p *program) error { return asDoctor(do(ctx, p, p.mappingCommands())) },
	}
}

// misplaced names the flags that belong to other words than this one.
func misplaced(s *settings, word string) (problems []string) {
	for _, f := range []struct {
		given        bool
		flag, belong string
	}{{s.list, "list", "template"}, {s.as != "", "as", "check"}, {s.detach, "detach", "migration"}} {
		if f.given && f.belong != word {
			problems = append(problems, "--"+f.flag+" goes with "+f.belong+" alone")
		}
	}
	return problems
}

func checkTemplate(s *settings, args []string) []string {
	problems := misplaced(s, "template")
	if s.list || len(args) > 0 {
		return problems // this command uses no database
	}
	return append(problems, checkAttachedURL(s)...)
}

func checkAttachedURL(s *settings) []string {
	if s.db.URL == "" && s.db.ListenURL == "" {
		return []string{"give the address of the database as DATABASE_URL: a mapping is over another program's tables"}
	}
	return nil
}

func runTemplate(ctx context.Context, p *program) error {
	switch {
	case p.list:
		mapping.PrintTemplates(p.stdout)
		return nil
	case len(p.args) > 0:
		return asDoctor(mapping.PrintTemplate(p.stdout, p.args[0]))
	}
	return asDoctor(p.mappingCommands().Guess(ctx))
}

// mappingCommands prefers the database's own address to a pooler's, because it needs one session for the whole command.
func (p *program) mappingCommands() mapping.Commands {
	return mapping.Commands{URL: cmp.Or(p.db.ListenURL, p.db.URL), AsJSON: p.json, Stdout: p.stdout, Stderr: p.stderr}
}

// verdict turns findings into the exit code, with the doctor's codes.
func verdict(worst attach.Level, err error) error {
	if err == nil && worst != attach.OK {
		return exitCode(worst)
	}
	return err
}

// asDoctor gives err the doctor's exit code for a finding that is wrong, unless it has one of its own.
func asDoctor(err error) error {
	var code exitCode
	if err == nil || errors.As(err, &code) {
		return err
	}
	return wrongError{err}
}
