package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"kitchen/cmd/kitchen/database"
	"kitchen/db"
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
	if err := server.CreateDatabase(ctx, djangoDatabase); err != nil {
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
	if err := evening.UseStations(ctx); err != nil {
		evening.Close()
		return nil, nil, errors.Join(err, d.Stop())
	}
	if made {
		fmt.Fprintln(stdout, "Attached the tables of a Django app: kitchen attach template django prints their mapping.")
	}
	return d, evening, nil
}

func attachDjango(ctx context.Context, url string) (done bool, err error) {
	conn, err := db.Connect(ctx, url)
	if err != nil {
		return false, err
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
