package main

import (
	"context"
	"fmt"
)

func checkServe(s *settings, _ []string) (problems []string) {
	problems = append(checkKeys(s), checkLimits(s)...)
	if (s.tlsCert == "") != (s.tlsKey == "") {
		problems = append(problems, "a certificate and its key go together: give both --tls-cert and --tls-key, or neither")
	}
	return append(problems, checkListenURL(s)...)
}

func checkListenURL(s *settings) []string {
	if s.db.ListenURL != "" && s.db.URL == "" {
		return []string{"KITCHEN_LISTEN_DATABASE_URL is set and DATABASE_URL is not: set DATABASE_URL, too"}
	}
	return nil
}

func runServe(ctx context.Context, p *program) error {
	return serve(ctx, serveConfig{
		listen: p.listen, tlsCert: p.tlsCert, tlsKey: p.tlsKey, metricsListen: p.metricsListen, metricsAsked: p.metricsListenGiven,
		database: p.db, keyring: p.keyring, origins: p.allowedOrigins, limits: p.limits, log: newLog(p.stderr, p.logFormat, normal),
		ready: func(address string) { fmt.Fprintln(p.stdout, address) },
	})
}
