package node

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/ws/origin"
)

// drain is the time over which a stopping node closes its displays, so that they do not all connect to the next node at the same
// moment.
const drain = 3 * time.Second

// ServeConfig holds the settings of a node.
type ServeConfig struct {
	Listen          string
	TlsCert, TlsKey string // files; empty: plain HTTP
	HSTS            time.Duration
	MetricsListen   string // or off
	MetricsAsked    bool   // the operator chose the address, so it is an error if it is in use
	Database        database.Config
	Keyring         Keyring
	Origins         []string
	Hook            Hook
	Limits          Limits
	Log             *slog.Logger
	Ready           func(address string) // called with the address before the first display is accepted
}

// Serve puts a node together from the outside in: the address, the database, the keys. It returns when ctx ends.
func Serve(ctx context.Context, cfg ServeConfig) (err error) {
	log := cfg.Log

	listener, err := Listen(ctx, cfg.Listen, "--listen")
	if err != nil {
		return err
	}
	defer listener.Close()

	scheme := "http://"
	var secure *tls.Config
	if cfg.TlsCert != "" {
		certificate, err := openCertificate(cfg.TlsCert, cfg.TlsKey, log)
		if err != nil {
			return err
		}
		scheme, secure = "https://", certificate.config()
	}

	admin, err := openAdmin(ctx, cfg.MetricsListen, cfg.MetricsAsked)
	if err != nil {
		return err
	}
	defer admin.stop()

	opened, err := database.OpenMigrated(ctx, cfg.Database, false, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Stop()) }()

	if !cfg.Keyring.Given() && !cfg.Keyring.PairedOnly {
		if cfg.Keyring.Secret, err = database.PrivateSecret(cfg.Database.DataDir); err != nil {
			return err
		}
	}
	keys, remote, err := cfg.Keyring.keys(log)
	if err != nil {
		return err
	}

	node, err := New(ctx, Config{
		Database: opened, Keys: keys, remote: remote, Origins: cfg.Origins, Hook: cfg.Hook, limits: cfg.Limits, drain: drain, hsts: cfg.HSTS, Log: log,
	})
	if err != nil {
		return err
	}
	admin.serve(node)
	log.Info("listening", "address", scheme+Reachable(listener))
	cfg.Ready(scheme + Reachable(listener))
	return node.run(ctx, listener, secure)
}

// CheckOrigins says what is wrong with a list of allowed origins.
func CheckOrigins(list []string) error {
	_, err := origin.Parse(list)
	return err
}
