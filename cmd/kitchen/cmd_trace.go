package main

import (
	"context"
	"errors"
	"net/url"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/text"
	"kitchen/cmd/kitchen/trace"
	"kitchen/db/order"
)

func traceCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "trace ORDER-ID", Short: "show the way of one order: committed, notified, read, sent to which displays",
		Long: `Asks a node what it knows of an order's last changes, so that "the kitchen never got it" has an answer. Each node knows of
its own displays, and forgets what is long ago. changed is the start of the writer's transaction. Exit code 0 where the
newest version was sent to the displays of that node, 1 where it was not.`,
	}, action{
		settings: append(shared("json"), definition{
			flag: "metrics-url", env: "KITCHEN_METRICS_URL", unit: "URL", value: "http://" + defaultMetricsListen, derive: metricsAt,
			byDefault: "where KITCHEN_METRICS_LISTEN has a node of this machine serve them, or else http://" + defaultMetricsListen,
			about:     "The node to ask, by the address of its metrics: its --metrics-listen.", set: setMetricsURL}),
		missing: "say which order",
		check: func(_ *settings, args []string) []string {
			if len(args) > 0 {
				if _, ok := order.Key(args[0]); !ok {
					return []string{trace.NotAnIDError(args[0]).Error()}
				}
			}
			return nil
		},
		run: runTrace,
	})
}

func setMetricsURL(s *settings, v string) error {
	u, err := url.Parse(v)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return errors.New("not an address like http://" + defaultMetricsListen)
	}
	s.metricsURL = (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	return nil
}

func runTrace(ctx context.Context, p *program) error {
	t, err := trace.Ask(ctx, p.metricsURL, p.args[0])
	if err != nil {
		return err
	}
	if p.json {
		err = text.JSON(p.stdout, t)
	} else {
		t.Print(p.stdout)
	}
	if err == nil && !t.Arrived {
		return exitCode(1)
	}
	return err
}
