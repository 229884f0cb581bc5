package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"kitchen/cmd/kitchen/node"
	"kitchen/db"
)

func serveCommand(p *program) *cobra.Command {
	return p.command(&cobra.Command{
		Use: "serve", Short: "run a node: sockets for kitchen displays, health and metrics for operators",
		Long: `Any number of nodes may share one database. Without DATABASE_URL it runs a private Postgres of its own, migrates it,
and makes and keeps a signing secret; with DATABASE_URL, the database must be migrated and a key be given, or --paired-only. Prints the
address it listens at on standard output, logs on standard error. SIGTERM, SIGHUP or Ctrl-C drains and ends it,
a second one ends it at once.`,
	}, action{
		settings: slices.Concat(shared("database-url", "data-dir", "listen-database-url", "listen", "tls-cert", "tls-key", "hsts",
			"metrics-listen", "allowed-origins", "log-format"), keyDefinitions(), alarmDefinitions(), limitDefinitions()),
		check: checkServe,
		run: func(ctx context.Context, p *program) error {
			return node.Serve(ctx, node.ServeConfig{
				Listen: p.listen, TlsCert: p.tlsCert, TlsKey: p.tlsKey, HSTS: p.hsts,
				MetricsListen: p.metricsListen, MetricsAsked: p.isGiven("metrics-listen"),
				Database: p.db, Keyring: p.keyring, Origins: p.allowedOrigins, Hook: p.hook, Limits: p.limits, Log: node.NewLog(p.stderr, p.logFormat, node.Normal),
				Ready: func(address string) { fmt.Fprintln(p.stdout, address) },
			})
		},
	})
}

func checkServe(s *settings, _ []string) (problems []string) {
	problems = slices.Concat(checkKeys(s), checkLimits(s), checkAlarms(s))
	if (s.tlsCert == "") != (s.tlsKey == "") {
		problems = append(problems, "a certificate and its key go together: give both --tls-cert and --tls-key, or neither")
	}
	if s.hsts != 0 && s.tlsCert == "" {
		problems = append(problems, "KITCHEN_HSTS is for a node that speaks TLS itself: give --tls-cert and --tls-key, too, or let the proxy say it")
	}
	if s.listen == s.metricsListen && s.listen != "" && !strings.HasSuffix(s.listen, ":0") {
		problems = append(problems, "--listen and --metrics-listen are the same address, "+s.listen+": displays and operators need one each")
	}
	return append(problems, checkListenURL(s)...)
}

func checkListenURL(s *settings) []string {
	switch _, err := db.ConnConfig(s.db.ListenURL); {
	case s.db.ListenURL == "":
		return nil
	case s.db.URL == "":
		return []string{"KITCHEN_LISTEN_DATABASE_URL is set and DATABASE_URL is not: set DATABASE_URL, too"}
	case err != nil: // a node would try for ever, and never be live
		return []string{"KITCHEN_LISTEN_DATABASE_URL: " + err.Error()}
	}
	return nil
}
