package main

import (
	"context"

	"kitchen/cmd/kitchen/doctor"
)

// checkDoctor lets everything through that the doctor itself has a word for.
func checkDoctor(s *settings, _ []string) []string { return checkListenURL(s) }

func runDoctor(ctx context.Context, p *program) error {
	findings := doctor.Examine(ctx, doctor.Config{Db: p.db, Keyring: p.keyring, Displays: p.limits.Displays.Displays})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if p.json {
		if err := doctor.PrintJSON(p.stdout, findings); err != nil {
			return err
		}
	} else {
		doctor.Print(p.stdout, findings)
	}
	if v := doctor.Verdict(findings); v != doctor.Fine {
		return exitCode(v)
	}
	return nil
}
