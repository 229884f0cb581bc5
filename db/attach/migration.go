package attach

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// up is the migration's Up part.
func (m *Mapping) up(g generator) string {
	body := g.frame() + "\n" + m.quoted() + "\n" + g.casts + g.over()
	sum := sha256.Sum256([]byte(body))
	return body + fmt.Sprintf("\ninsert into kitchen.mapping (name, fingerprint) values (%s, '%s');\n",
		sqltext.Literal(m.Name), hex.EncodeToString(sum[:]))
}

// quoted is the mapping as one statement of goose.
func (m *Mapping) quoted() string {
	return "-- The mapping, " + m.Name + ", word for word.\n-- +goose StatementBegin\n" + strings.TrimRight(m.text, " \n;") + ";\n-- +goose StatementEnd\n"
}

// Migration returns the mapping as one goose migration. It reads the database in a transaction that is rolled back.
func Migration(ctx context.Context, conn *pgx.Conn, m *Mapping) (string, error) {
	up, down, err := m.print(ctx, conn)
	return "-- Puts kitchen displays on the tables of another program: made by kitchen attach migration from " + m.Name + ".\n" +
		"-- Change the mapping rather than this file, and print it again.\n\n-- +goose Up\n\n" + up + "\n-- +goose Down\n\n" + down, err
}

// Detachment is the same with Up and Down exchanged, to go before a migration of the host that changes what a view reads.
func Detachment(ctx context.Context, conn *pgx.Conn, m *Mapping) (string, error) {
	up, down, err := m.print(ctx, conn)
	return "-- Takes kitchen displays off the tables of another program before they change: made by kitchen attach migration --detach from " + m.Name + ".\n" +
		"-- The next kitchen attach migration, after the change, puts them back.\n\n-- +goose Up\n\n" + down + "\n-- +goose Down\n\n" + up, err
}

// print is what puts a mapping there, and what takes it away.
func (m *Mapping) print(ctx context.Context, conn *pgx.Conn) (up, down string, err error) {
	err = RolledBack(ctx, conn, func(tx pgx.Tx) error {
		if err := prepare(ctx, tx); err != nil {
			return err
		}
		d, err := m.read(ctx, tx)
		if err != nil {
			return err
		}
		g := generator{model: d, Notify: "pg_notify"}
		up, down = m.up(g), g.render("remove.sql", struct{ KeepGoose bool }{true})
		return nil
	})
	return up, down, err
}

// RolledBack calls do in a transaction, and rolls it back.
func RolledBack(ctx context.Context, conn *pgx.Conn, do func(pgx.Tx) error) error {
	tx, err := begin(ctx, conn)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is to remain
	return do(tx)
}

func begin(ctx context.Context, conn *pgx.Conn) (pgx.Tx, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	// While we wait for a lock on a table, the host's writers wait behind us. They wait, too, while sample rows are changed: compiling the reads of a
	// union over many schemas took minutes.
	if _, err := tx.Exec(ctx, "set local lock_timeout = '2s'; set local jit = off"); err != nil {
		return nil, errors.Join(err, tx.Rollback(ctx))
	}
	return tx, nil
}

func remove(ctx context.Context, tx pgx.Tx, keepGoose bool) error {
	if err := takeWatched(ctx, tx); err != nil {
		return err
	}
	sql := generator{}.render("remove.sql", struct{ KeepGoose bool }{keepGoose})
	if err := run(ctx, tx, sql); err != nil {
		return fmt.Errorf("take the schema kitchen away: %w", err)
	}
	return nil
}

// Down removes a mapping, and leaves the host as it was. done is false where none is installed.
func Down(ctx context.Context, conn *pgx.Conn) (done bool, err error) {
	err = patiently(ctx, conn, func() error {
		tx, err := begin(ctx, conn)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit there is nothing to roll back
		if err := alone(ctx, tx); err != nil {
			return err
		}
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
