// Package database opens the database of the settings, which is DATABASE_URL's or a private one, and migrates it. It owns the private
// server's data directory and its signing secret.
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

// Database is the database that a command works on: that of DATABASE_URL, or the private one.
type Database struct {
	URL       string
	DirectURL string        // the server itself, for LISTEN and migrations, which a pooler breaks
	DataDir   string        // of the private database; empty where DATABASE_URL gave the address
	Private   *local.Server // nil where DATABASE_URL gave the address, or another process runs the private server
}

// Open returns the database of the settings. It starts the private server, which runs until Stop. Where another kitchen process
// already runs it, attach allows to use that server; without attach it is an error.
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
			return &Database{URL: url, DirectURL: url, DataDir: cfg.DataDir}, nil
		}
		if !errors.Is(err, local.ErrNotRunning) {
			return nil, err
		}
	}
	server, err := local.Start(ctx, local.Config{DataDir: cfg.DataDir, Log: log})
	if err != nil {
		return nil, err
	}
	return &Database{URL: server.URL(), DirectURL: server.URL(), DataDir: cfg.DataDir, Private: server}, nil
}

// OpenMigrated is [Open] for commands that need the tables. It migrates a private database that it has started, and no other: an
// operator decides when those are migrated.
func OpenMigrated(ctx context.Context, cfg Config, attach bool, log *slog.Logger) (*Database, error) {
	d, err := Open(ctx, cfg, attach, log)
	if err != nil {
		return nil, err
	}
	if d.Private != nil {
		if _, err := d.migrateUp(ctx); err != nil {
			return nil, errors.Join(err, d.Stop())
		}
	}
	return d, nil
}

// Use calls do with the database of the settings, which another process may run, and ends what it has started. Log lines of a private
// server go to log.
func Use(ctx context.Context, cfg Config, log *slog.Logger, do func(*Database) error) (err error) {
	d, err := OpenMigrated(ctx, cfg, true, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Stop()) }()
	return do(d)
}

// UsePool is [Use] with a pool of connections.
func UsePool(ctx context.Context, cfg Config, log *slog.Logger, do func(*Database, *db.DB) error) error {
	return Use(ctx, cfg, log, func(d *Database) error {
		pool, err := d.Pool(ctx)
		if err != nil {
			return err
		}
		defer pool.Close()
		return do(d, pool)
	})
}

// Pool connects to the database, and fails where it is not migrated.
func (d *Database) Pool(ctx context.Context) (*db.DB, error) {
	pool, err := db.Open(ctx, d.URL)
	if err != nil {
		return nil, err
	}
	if err := pool.CheckSchema(ctx); err != nil {
		pool.Close()
		return nil, d.explain(ctx, err)
	}
	return pool, nil
}

// Stop ends the private server, if Open has started it.
func (d *Database) Stop() error {
	if d.Private == nil {
		return nil
	}
	if err := d.Private.Stop(); err != nil {
		return fmt.Errorf("stop the private database: %w", err)
	}
	return nil
}
