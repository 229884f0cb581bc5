package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
	"kitchen/notifier/lookout"
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

func runAlarms(ctx context.Context, p *program) (err error) {
	log := node.NewLog(p.stderr, p.logFormat, node.Normal)
	opened, err := database.OpenMigrated(ctx, p.db, true, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Stop()) }()
	pool, err := opened.Pool(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	return lookout.Follow(ctx, pool, opened.DirectURL, log, func(a order.Alarm) {
		if p.json {
			doc, _ := json.Marshal(a) // its types cannot fail
			fmt.Fprintln(p.stdout, string(doc))
			return
		}
		fmt.Fprintln(p.stdout, text.Harmless(alarmLine(a, time.Now())))
	})
}

// alarmLine is an alarm in words.
func alarmLine(a order.Alarm, now time.Time) string {
	what := map[string]string{
		"no_display":  "no display is connected",
		"not_painted": "no display shows it",
		"not_touched": "nobody has touched it",
	}[a.Reason]
	if what == "" {
		what = a.Reason
	}
	number := "an order without a number"
	if a.OldestNumber != nil {
		number = fmt.Sprintf("#%d", *a.OldestNumber)
	}
	said := fmt.Sprintf("ALARM %s: %s, %s, for %s", a.Reason, number, what, time.Duration(a.Age)*time.Second)
	if a.Type == order.AlarmOver {
		said = fmt.Sprintf("over  %s, which began with %s", a.Reason, number)
	} else if a.Orders > 1 {
		said += fmt.Sprintf("; %s in all", text.Count(a.Orders, "order"))
	}
	return fmt.Sprintf("%s restaurant %s %s", now.Format("15:04:05"), a.Restaurant, said)
}

// alarmDefinitions are where a node posts alarms.
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
		return errors.New("not an address like https://example.com/alarms") // which may hold a secret, and is not repeated
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
