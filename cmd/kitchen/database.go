package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"kitchen/db"
	"kitchen/db/local"
)

// databaseConfig says which database is meant.
type databaseConfig struct {
	URL       string // empty: the private one
	ListenURL string // the server's own address, where URL leads through a pooler; empty: URL
	DataDir   string // of the private one
}

// database is the one that a command works on: that of DATABASE_URL, or the private one.
type database struct {
	url       string
	directURL string        // for what a pooler would break: LISTEN, migrations
	private   *local.Server // nil: somebody else's
}

// openDatabase finds the database that the settings mean. The private one is started, and its owner is this program until
// stop; where another of our programs runs it already, attach decides whether to use it together.
func openDatabase(ctx context.Context, cfg databaseConfig, attach bool, log *slog.Logger) (*database, error) {
	if cfg.URL != "" {
		d := &database{url: cfg.URL, directURL: cfg.ListenURL}
		if d.directURL == "" {
			d.directURL = d.url
		}
		return d, nil
	}
	if attach {
		url, err := local.Attach(cfg.DataDir)
		if err == nil {
			return &database{url: url, directURL: url}, nil
		}
		if !errors.Is(err, local.ErrNotRunning) {
			return nil, err
		}
	}
	server, err := local.Start(ctx, local.Config{DataDir: cfg.DataDir, Log: log})
	if err != nil {
		return nil, err
	}
	return &database{url: server.URL(), directURL: server.URL(), private: server}, nil
}

// openMigrated is openDatabase for what needs the schema. A private database that this program has started is brought up
// to date by itself; any other is its owner's to migrate.
func openMigrated(ctx context.Context, cfg databaseConfig, attach bool, log *slog.Logger) (*database, error) {
	d, err := openDatabase(ctx, cfg, attach, log)
	if err != nil {
		return nil, err
	}
	if d.private != nil {
		if _, err := migrateUp(ctx, d.directURL); err != nil {
			return nil, errors.Join(err, d.stop())
		}
	}
	return d, nil
}

// pool connects to a database that must be migrated.
func (d *database) pool(ctx context.Context) (*db.DB, error) {
	pool, err := db.Open(ctx, d.url)
	if err != nil {
		return nil, err
	}
	if err := pool.CheckSchema(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// stop ends the server that openDatabase has started, if any.
func (d *database) stop() error {
	if d.private == nil {
		return nil
	}
	if err := d.private.Stop(); err != nil {
		return fmt.Errorf("stop the private database: %w", err)
	}
	return nil
}
