package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"kitchen/cmd/kitchen/database"
	"kitchen/db/attach"
	"kitchen/db/local"
	"kitchen/db/rush"
)

// djangoDatabase is where the tables of a Django app are, in the private Postgres, beside this program's own.
const djangoDatabase = "kitchen_demo_django"

// openHost starts the private Postgres, makes the tables of a Django app in a database of their own, and attaches them by the
// template, as anybody would attach theirs.
func openHost(ctx context.Context, dataDir string, stdout io.Writer, log *slog.Logger) (d *database.Database, evening *rush.Rush, err error) {
	server, err := local.Start(ctx, local.Config{DataDir: dataDir, Log: log})
	if err != nil {
		return nil, nil, err
	}
	url := server.DatabaseURL(djangoDatabase)
	d = &database.Database{URL: url, DirectURL: url, Private: server}
	if err := makeDatabase(ctx, server.URL()); err != nil {
		return nil, nil, errors.Join(err, d.Stop())
	}
	if evening, err = rush.OpenDjango(ctx, url); err != nil {
		return nil, nil, errors.Join(err, d.Stop())
	}
	made, err := attachDjango(ctx, url)
	if err != nil {
		evening.Close()
		return nil, nil, errors.Join(err, d.Stop())
	}
	if made {
		fmt.Fprintln(stdout, "Attached the tables of a Django app: kitchen attach template django prints their mapping.")
	}
	return d, evening, nil
}

func makeDatabase(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to the private database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is left to say
	var there bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_catalog.pg_database where datname = $1)`, djangoDatabase).Scan(&there); err != nil || there {
		return err
	}
	if _, err := conn.Exec(ctx, "create database "+djangoDatabase); err != nil {
		return fmt.Errorf("make a database for the tables of the host: %w", err)
	}
	return nil
}

func attachDjango(ctx context.Context, url string) (done bool, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false, fmt.Errorf("connect to the database of the host: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is left to say
	template, err := attach.FindTemplate("django")
	if err != nil {
		return false, err
	}
	m, err := attach.Parse("django.sql", []byte(template.Text))
	if err != nil {
		return false, err
	}
	if done, err = attach.Up(ctx, conn, m); err != nil {
		return false, fmt.Errorf("attach the tables of the host: %w", err)
	}
	return done, nil
}
