package attach

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func remove(ctx context.Context, tx pgx.Tx, keepGoose bool) error {
	sql := generator{}.render("remove.sql", struct{ KeepGoose bool }{keepGoose})
	if _, err := tx.Conn().PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return fmt.Errorf("take the schema kitchen away: %w", err)
	}
	return nil
}

// Down removes a mapping, and leaves the host as it was. done is false where none is installed.
func Down(ctx context.Context, conn *pgx.Conn) (done bool, err error) {
	err = patiently(ctx, func() error {
		tx, err := begin(ctx, conn)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit there is nothing to roll back
		s, err := look(ctx, tx)
		if err != nil || s == nothing || s == empty {
			return err
		}
		if s != attached {
			return &RefusedError{"", "no mapping is installed in this database's schema kitchen", "kitchen migrate down takes the program's own tables away"}
		}
		if err := remove(ctx, tx, false); err != nil {
			return err
		}
		done = true
		return tx.Commit(ctx)
	})
	return done, err
}

// patiently repeats do while a table is locked, so that writers of the host do not wait for us.
func patiently(ctx context.Context, do func() error) (err error) {
	for try := range 10 {
		if err = do(); !lockedOut(err) {
			return err
		}
		pause := time.NewTimer(time.Duration(try+1) * 100 * time.Millisecond)
		select {
		case <-ctx.Done():
			pause.Stop()
			return errors.Join(ctx.Err(), err)
		case <-pause.C:
		}
	}
	return err
}

func lockedOut(err error) bool {
	var pg *pgconn.PgError
	var r *RefusedError
	return errors.As(err, &pg) && pg.Code == "55P03" || errors.As(err, &r) && strings.HasPrefix(r.Means, "a table could not be locked")
}
