package main

import "context"

// checkDoctor lets everything through that the doctor itself has a word for.
func checkDoctor(s *settings, _ []string) []string { return checkListenURL(s) }

func runDoctor(ctx context.Context, p *program) error {
	findings := examineSetup(ctx, doctorConfig{db: p.db, keyring: p.keyring, displays: p.limits.displays.Displays})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if p.json {
		if err := printJSON(p.stdout, findings); err != nil {
			return err
		}
	} else {
		printFindings(p.stdout, findings)
	}
	if v := verdict(findings); v != fine {
		return exitCode(v)
	}
	return nil
}
