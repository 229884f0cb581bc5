package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"kitchen/db"
	"kitchen/db/local"
)

// database is the one that a command works on: that of DATABASE_URL, or the private one.
type database struct {
	url       string
	directURL string        // for what a pooler would break: LISTEN, migrations
	private   *local.Server // nil: somebody else's
}

// openDatabase finds the database that the settings mean. The private one is started, and its owner is this program until
// stop; where another of our programs runs it already, attach decides whether to use it together.
func openDatabase(ctx context.Context, s settings, attach bool, log *slog.Logger) (*database, error) {
	if s.databaseURL != "" {
		d := &database{url: s.databaseURL, directURL: s.listenDatabaseURL}
		if d.directURL == "" {
			d.directURL = d.url
		}
		return d, nil
	}
	if attach {
		url, err := local.Attach(s.dataDir)
		if err == nil {
			return &database{url: url, directURL: url}, nil
		}
		if !errors.Is(err, local.ErrNotRunning) {
			return nil, err
		}
	}
	server, err := local.Start(ctx, local.Config{DataDir: s.dataDir, Log: log})
	if err != nil {
		return nil, err
	}
	return &database{url: server.URL(), directURL: server.URL(), private: server}, nil
}

// openMigrated is openDatabase for what needs the schema. A private database that this program has started is brought up
// to date by itself; any other is its owner's to migrate.
func openMigrated(ctx context.Context, s settings, attach bool, log *slog.Logger) (*database, error) {
	d, err := openDatabase(ctx, s, attach, log)
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
