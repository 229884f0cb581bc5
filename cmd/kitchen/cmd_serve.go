package main

import (
	"context"
	"fmt"

	"kitchen/cmd/kitchen/node"
)

func checkServe(s *settings, _ []string) (problems []string) {
	problems = append(checkKeys(s), checkLimits(s)...)
	if (s.tlsCert == "") != (s.tlsKey == "") {
		problems = append(problems, "a certificate and its key go together: give both --tls-cert and --tls-key, or neither")
	}
	if s.hsts != 0 && s.tlsCert == "" {
		problems = append(problems, "KITCHEN_HSTS is for a node that speaks TLS itself: give --tls-cert and --tls-key, too, or let the proxy say it")
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
	return node.Serve(ctx, node.ServeConfig{
		Listen: p.listen, TlsCert: p.tlsCert, TlsKey: p.tlsKey, HSTS: p.hsts, MetricsListen: p.metricsListen, MetricsAsked: p.metricsListenGiven,
		Database: p.db, Keyring: p.keyring, Origins: p.allowedOrigins, Limits: p.limits, Log: node.NewLog(p.stderr, p.logFormat, node.Normal),
		Ready: func(address string) { fmt.Fprintln(p.stdout, address) },
	})
}
