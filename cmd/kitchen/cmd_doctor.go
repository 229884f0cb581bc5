package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/doctor"
)

func doctorCommand(p *program) *cobra.Command {
	keys := keyDefinitions()
	for i := range keys {
		if keys[i].flag == "jwt-secret" { // the doctor itself says what is wrong with one
			keys[i].set = func(s *settings, v string) error { s.keyring.Secret = v; return nil }
		}
	}
	return p.command(&cobra.Command{
		Use: "doctor", Short: "say what is wrong with a database or a setup, and how to mend it",
		Long: `Connects as serve would, with the same settings, and looks at the server, the way of a notification, migrations,
triggers, rights, locks, the clock and this machine: one line each, with a mark and what to do. It writes nothing: the
order that it tries the triggers with is rolled back. Exit codes: 0 all is well, 1 there are warnings, 2 something is wrong:
kitchens would receive orders late, or not at all.`,
	}, action{
		settings: slices.Concat(shared("database-url", "data-dir", "listen-database-url", "max-displays", "json"), keys),
		check:    func(s *settings, _ []string) []string { return checkListenURL(s) }, // the doctor finds all else
		run:      runDoctor,
	})
}

func runDoctor(ctx context.Context, p *program) error {
	findings := doctor.Examine(ctx, doctor.Config{Db: p.db, Keyring: p.keyring, Displays: p.limits.Displays.Displays})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if p.json {
		if err := doctor.PrintJSON(p.stdout, findings); err != nil {
			return asDoctor(err)
		}
	} else {
		doctor.Print(p.stdout, findings)
	}
	if v := doctor.Verdict(findings); v != doctor.Fine {
		return exitCode(v)
	}
	return nil
}
