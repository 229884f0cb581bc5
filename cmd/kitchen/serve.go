package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"time"
)

// drain is over how long the displays of a stopping node are sent away, so that they do not all come to the next one at
// the same moment.
const drain = 3 * time.Second

// serveConfig is all that a node is told.
type serveConfig struct {
	listen          string
	tlsCert, tlsKey string // files; empty: plain HTTP
	metricsListen   string // or off
	metricsAsked    bool   // the address was asked for, so no other will do
	database        databaseConfig
	keyring         keyring
	origins         []string
	limits          limits
	log             *slog.Logger
	ready           func(address string) // is told the address before the first display comes
}

// serve puts a node together from the outside in: the address, the database, the keys. It returns when ctx ends.
func serve(ctx context.Context, cfg serveConfig) (err error) {
	log := cfg.log

	listener, err := listen(ctx, cfg.listen)
	if err != nil {
		return err
	}
	defer listener.Close()

	scheme := "http://"
	if cfg.tlsCert != "" {
		certificate, err := openCertificate(cfg.tlsCert, cfg.tlsKey, log)
		if err != nil {
			return err
		}
		scheme, listener = "https://", tls.NewListener(listener, certificate.config())
	}

	admin, err := openAdmin(ctx, cfg.metricsListen, cfg.metricsAsked)
	if err != nil {
		return err
	}
	defer admin.stop()

	database, err := openMigrated(ctx, cfg.database, false, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.stop()) }()

	if !cfg.keyring.given() {
		if cfg.keyring.secret, err = privateSecret(cfg.database.DataDir); err != nil {
			return err
		}
	}
	keys, remote, err := cfg.keyring.keys(log)
	if err != nil {
		return err
	}

	node, err := newNode(ctx, nodeConfig{
		database: database, keys: keys, remote: remote, origins: cfg.origins, limits: cfg.limits, drain: drain, log: log,
	})
	if err != nil {
		return err
	}
	admin.serve(node)
	log.Info("listening", "address", scheme+reachable(listener))
	cfg.ready(scheme + reachable(listener))
	return node.run(ctx, listener)
}
