package attach

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"kitchen/db/attach/sqltext"
	"strings"

	"github.com/jackc/pgx/v5"
)

// up is the whole migration's Up, without what says who applied it.
func (m *Mapping) up(g generator) string {
	body := g.frame() + "\n" + m.quoted() + "\n" + g.over()
	sum := sha256.Sum256([]byte(body))
	return body + fmt.Sprintf("\ninsert into kitchen.mapping (name, fingerprint) values (%s, '%s');\n",
		sqltext.Literal(m.Name), hex.EncodeToString(sum[:]))
}

// quoted is the mapping as goose takes it: as one statement.
func (m *Mapping) quoted() string {
	return "-- The mapping, " + m.Name + ", word for word.\n-- +goose StatementBegin\n" + strings.TrimRight(m.text, " \n;") + ";\n-- +goose StatementEnd\n"
}

// Migration is the whole as one goose migration. It reads the database, in a transaction that is rolled back.
func Migration(ctx context.Context, conn *pgx.Conn, m *Mapping) (text string, err error) {
	err = RolledBack(ctx, conn, func(tx pgx.Tx) error {
		if _, err := prepare(ctx, tx); err != nil {
			return err
		}
		d, err := m.read(ctx, tx)
		if err != nil {
			return err
		}
		text = m.migration(generator{model: d, Notify: "pg_notify"})
		return nil
	})
	return text, err
}

func (m *Mapping) migration(g generator) string {
	return "-- Puts kitchen displays on the tables of another program: made by kitchen attach migration from " + m.Name + ".\n" +
		"-- Change the mapping rather than this file, and print it again.\n\n-- +goose Up\n\n" + m.up(g) +
		"\n-- +goose Down\n\n" + g.render("remove.sql", struct{ KeepGoose bool }{true})
}

// RolledBack does something in a transaction of which nothing remains.
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
	// Writers of the host wait behind whoever waits for a lock on a table.
	if _, err := tx.Exec(ctx, "set local lock_timeout = '2s'"); err != nil {
		return nil, errors.Join(err, tx.Rollback(ctx))
	}
	return tx, nil
}
