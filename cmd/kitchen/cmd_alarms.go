package main

import (
	"context"
	"errors"
	"net/url"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/alarms"
	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
	"kitchen/db"
)

func alarmsCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "alarms", Short: "follow the alarms about orders that nobody has seen",
		Long: `Prints each alarm that is on, and from then on each that begins or ends, until Ctrl-C: a restaurant has orders and no display, displays
that do not show them, or nobody who touches them. With --json, one document a line, as programs get them from LISTEN kitchen_alarms.
Settings of a restaurant say after how long: alarm_no_display_after, alarm_not_painted_after and alarm_not_touched_after in kitchen.settings.`,
	}, action{
		settings: shared("database-url", "data-dir", "listen-database-url", "json", "log-format"),
		check:    func(s *settings, _ []string) []string { return checkListenURL(s) },
		run:      runAlarms,
	})
}

func runAlarms(ctx context.Context, p *program) error {
	log := node.NewLog(p.stderr, p.logFormat, node.Normal)
	return database.UsePool(ctx, p.db, log, func(opened *database.Database, pool *db.DB) error {
		return alarms.Follow(ctx, pool, opened.DirectURL, log, alarms.Printer{Out: p.stdout, JSON: p.json})
	})
}

// alarmDefinitions are the settings that say where a node posts alarms.
func alarmDefinitions() []definition {
	return []definition{
		{flag: "alarm-url", env: "KITCHEN_ALARM_URL", unit: "URL", secret: true, byDefault: "none",
			about: "Where alarms about orders that nobody has seen are posted as JSON, when they begin and when they are over.",
			set:   setAlarmURL},
		{flag: "alarm-secret", env: "KITCHEN_ALARM_SECRET", unit: "SECRET", secret: true, byDefault: "none, and nothing is signed",
			about: "What those posts are signed with: X-Kitchen-Signature is sha256= and the HMAC of the body in hexadecimal.",
			set:   func(s *settings, v string) error { s.hook.Secret = v; return nil }},
	}
}

func setAlarmURL(s *settings, v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("not an address like https://example.com/alarms") // the address may hold a secret, so that the error does not repeat it
	}
	s.hook.URL = u
	return nil
}

func checkAlarms(s *settings) []string {
	if s.hook.Secret != "" && s.hook.URL == nil && !s.isGiven("alarm-url") {
		return []string{"KITCHEN_ALARM_SECRET is set and KITCHEN_ALARM_URL is not: say where alarms are posted, too"}
	}
	return nil
}
