package attach

import (
	"context"
	"errors"
	"fmt"
	"kitchen/db/attach/sqltext"

	"github.com/jackc/pgx/v5"
)

// origin finds the column of a base table that a column of a view is, unchanged. The server tells it with the description of
// the view's own statement (PostgreSQL manual, "RowDescription").
func origin(ctx context.Context, tx pgx.Tx, view, col string) (table uint32, name string, found bool, err error) {
	var oid uint32
	var number int16
	err = tx.QueryRow(ctx, `select a.attrelid, a.attnum from pg_catalog.pg_attribute a
	                         where a.attrelid = to_regclass('kitchen.' || quote_ident($1)) and a.attname = $2`, view, col).Scan(&oid, &number)
	if err != nil {
		return 0, "", false, err
	}
	for range 20 { // views over views
		var kind, definition string
		err := tx.QueryRow(ctx, `
			select c.relkind::text, case c.relkind when 'v' then pg_get_viewdef(c.oid) else a.attname::text end
			  from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = $2 where c.oid = $1`,
			oid, number).Scan(&kind, &definition)
		if err != nil {
			return 0, "", false, err
		}
		if kind != "v" {
			return oid, definition, true, nil
		}
		description, err := tx.Conn().PgConn().Prepare(ctx, "", definition, nil)
		if err != nil {
			return 0, "", false, fmt.Errorf("describe kitchen.%s: %w", view, err)
		}
		if int(number) > len(description.Fields) {
			return 0, "", false, nil
		}
		f := description.Fields[number-1]
		if f.TableOID == 0 || f.TableAttributeNumber == 0 {
			return 0, "", false, nil
		}
		oid, number = f.TableOID, int16(f.TableAttributeNumber) //nolint:gosec // attribute numbers are
	}
	return 0, "", false, nil
}

// readUserKeys finds, for each table behind kitchen.users, the column that gives the user: the one that users.id is, or a foreign
// key to it.
func (d *model) readUserKeys(ctx context.Context, tx pgx.Tx) error {
	table, col, found, err := origin(ctx, tx, "users", "id")
	if err != nil || !found {
		return err
	}
	for _, s := range d.sources {
		if !s.behind["users"] {
			continue
		}
		if s.oid == table {
			s.userKey = sqltext.Quote(col)
			s.rights[col] = true
			continue
		}
		var fk string
		err := tx.QueryRow(ctx, `
			select a.attname::text from pg_catalog.pg_constraint f
			  join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
			  join pg_catalog.pg_attribute b on b.attrelid = f.confrelid and b.attnum = f.confkey[1]
			 where f.contype = 'f' and f.conrelid = $1 and f.confrelid = $2 and b.attname = $3 and cardinality(f.conkey) = 1
			 order by (a.attname = any ($4)) desc, a.attnum limit 1`, s.oid, table, col, namesOf(s.rights)).Scan(&fk)
		if errors.Is(err, pgx.ErrNoRows) {
			continue
		}
		if err != nil {
			return err
		}
		s.userKey = sqltext.Quote(fk)
		s.rights[fk] = true
	}
	return nil
}

func namesOf(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for n := range set {
		names = append(names, n)
	}
	return names
}
