package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"kitchen/db"
	"kitchen/db/local"
)

// Config says which database is meant.
type Config struct {
	URL       string // empty: the private one
	ListenURL string // the server's own address, where URL leads through a pooler; empty: URL
	DataDir   string // of the private one
}

// Database is the one that a command works on: that of DATABASE_URL, or the private one.
type Database struct {
	URL       string
	DirectURL string        // for what a pooler would break: LISTEN, migrations
	Private   *local.Server // nil: somebody else's
}

// Open finds the database that the settings mean. The private one is started, and its owner is this program until
// stop; where another of our programs runs it already, attach decides whether to use it together.
func Open(ctx context.Context, cfg Config, attach bool, log *slog.Logger) (*Database, error) {
	if cfg.URL != "" {
		d := &Database{URL: cfg.URL, DirectURL: cfg.ListenURL}
		if d.DirectURL == "" {
			d.DirectURL = d.URL
		}
		return d, nil
	}
	if attach {
		url, err := local.Attach(cfg.DataDir)
		if err == nil {
			return &Database{URL: url, DirectURL: url}, nil
		}
		if !errors.Is(err, local.ErrNotRunning) {
			return nil, err
		}
	}
	server, err := local.Start(ctx, local.Config{DataDir: cfg.DataDir, Log: log})
	if err != nil {
		return nil, err
	}
	return &Database{URL: server.URL(), DirectURL: server.URL(), Private: server}, nil
}

// OpenMigrated is openDatabase for what needs the schema. A private database that this program has started is brought up
// to date by itself; any other is its owner's to migrate.
func OpenMigrated(ctx context.Context, cfg Config, attach bool, log *slog.Logger) (*Database, error) {
	d, err := Open(ctx, cfg, attach, log)
	if err != nil {
		return nil, err
	}
	if d.Private != nil {
		if _, err := migrateUp(ctx, d.DirectURL); err != nil {
			return nil, errors.Join(err, d.Stop())
		}
	}
	return d, nil
}

// Pool connects to a database that must be migrated.
func (d *Database) Pool(ctx context.Context) (*db.DB, error) {
	pool, err := db.Open(ctx, d.URL)
	if err != nil {
		return nil, err
	}
	if err := pool.CheckSchema(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

// Stop ends the server that openDatabase has started, if any.
func (d *Database) Stop() error {
	if d.Private == nil {
		return nil
	}
	if err := d.Private.Stop(); err != nil {
		return fmt.Errorf("stop the private database: %w", err)
	}
	return nil
}
