package attach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Mapping is an SQL file that says how the tables of a database become orders for a kitchen.
type Mapping struct {
	Name       string // of the file, for messages
	text       string
	statements []statement
}

// forbidden matches statements that would end the transaction in which a mapping is tried, and commands of psql.
var forbidden = regexp.MustCompile(`(?i)^(begin|commit|rollback|abort|end|start|savepoint|release|prepare)\b|^\\|^copy\b`)

// session matches statements that would hold for what runs after them, in check and up, or in goose.
var session = regexp.MustCompile(`(?i)^(set|reset|discard|listen|unlisten|notify)\b`)

// Parse reads a mapping. name is for messages. Errors in the SQL itself are found only by the database.
func Parse(name string, text []byte) (*Mapping, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // which editors on Windows put before UTF-8
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return nil, &RefusedError{name, "it is no text in UTF-8", "save it as UTF-8; PowerShell's > writes UTF-16: kitchen attach template | Out-File -Encoding utf8 kitchen.sql"}
	}
	m := &Mapping{Name: name, text: strings.ReplaceAll(string(text), "\r\n", "\n")}
	m.statements = split(m.text)
	if len(m.statements) == 0 {
		return nil, &RefusedError{name, "there is no statement in it", "kitchen attach template prints one to begin with"}
	}
	for _, s := range m.statements {
		if word := forbidden.FindString(s.text); word != "" {
			return nil, &RefusedError{m.place(s.line), fmt.Sprintf("%q does not belong into a mapping", word),
				"it is run as one transaction, by this program or by goose: leave only views and functions"}
		}
		if word := session.FindString(s.text); word != "" {
			return nil, &RefusedError{m.place(s.line), fmt.Sprintf("%q does not belong into a mapping: it would hold for what this program or goose runs next", word),
				"leave it out: write names with their schemas, and a setting that a function needs in its declaration"}
		}
	}
	if i := strings.Index(m.text, "+goose"); i >= 0 {
		return nil, &RefusedError{m.place(lineAt(m.text, i)), "annotations of goose do not belong into a mapping", "kitchen attach migration adds them"}
	}
	return m, nil
}

func (m *Mapping) place(line int) string { return fmt.Sprintf("%s:%d", m.Name, line) }

// placeOf is the place in the file that makes a view or function of the schema kitchen, or the file's name.
func (m *Mapping) placeOf(object string) string {
	made := regexp.MustCompile(`(?is)^create\s.*?\bkitchen\s*\.\s*"?` + regexp.QuoteMeta(object) + `\b`)
	for _, s := range m.statements {
		head, _, _ := strings.Cut(s.text, "(")
		if made.MatchString(head) || made.MatchString(s.text[:min(len(s.text), 200)]) {
			return m.place(s.line)
		}
	}
	return m.Name
}

// placeOfWatch is the place in the file of a table's rule.
func (m *Mapping) placeOfWatch(source string) string {
	for _, s := range m.statements {
		if i := strings.Index(s.text, "'"+strings.ReplaceAll(source, "'", "''")+"'"); i >= 0 && strings.Contains(s.text, "watch") {
			return m.place(s.line + strings.Count(s.text[:i], "\n"))
		}
	}
	return m.placeOf("watch")
}

// apply runs the mapping's statements in a transaction. An error says where in the file it is.
func (m *Mapping) apply(ctx context.Context, tx pgx.Tx) error {
	before, err := hostsOwn(ctx, tx)
	if err != nil {
		return err
	}
	for _, s := range m.statements {
		_, err := tx.Conn().PgConn().Exec(ctx, s.text).ReadAll()
		var pg *pgconn.PgError
		if !errors.As(err, &pg) {
			if err != nil {
				return fmt.Errorf("apply the mapping: %w", err)
			}
			if err := m.leavesSchema(ctx, tx, s); err != nil {
				return err
			}
			if err := m.keepsToItself(ctx, tx, s, before); err != nil {
				return err
			}
			continue
		}
		line := s.line
		if p := int(pg.Position); p > 0 { // in characters, from 1
			line += strings.Count(string([]rune(s.text)[:min(p-1, len([]rune(s.text)))]), "\n")
		}
		return &RefusedError{m.place(line), pg.Message, mendSQL(pg)}
	}
	return nil
}

// leavesSchema refuses a statement that dropped or renamed the schema kitchen, without which nothing after it can be read.
func (m *Mapping) leavesSchema(ctx context.Context, tx pgx.Tx, s statement) error {
	var there bool
	if err := tx.QueryRow(ctx, `select pg_catalog.to_regnamespace('kitchen') is not null`).Scan(&there); err != nil {
		return fmt.Errorf("look for the schema kitchen: %w", err)
	}
	if !there {
		return &RefusedError{m.place(s.line), "it takes the schema kitchen away, in which the mapping is made", "leave it out: kitchen attach down takes a mapping away"}
	}
	return nil
}

// keepsToItself refuses a statement that made or changed something outside the schema kitchen, because attach down would leave that behind.
func (m *Mapping) keepsToItself(ctx context.Context, tx pgx.Tx, s statement, before map[string]int64) error {
	var what *string
	err := tx.QueryRow(ctx, `
		with elsewhere (oid) as (select n.oid from pg_catalog.pg_namespace n where n.nspname not in ('kitchen', 'pg_toast') and n.nspname not like 'pg\_temp%' and n.nspname not like 'pg\_toast\_temp%')
		select min(w.what) from (
		  select 'the relation ' || c.oid::regclass::text as what, a.xmin from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join elsewhere e on e.oid = c.relnamespace
		  union all select 'the function ' || p.oid::regprocedure::text, p.xmin from pg_catalog.pg_proc p join elsewhere e on e.oid = p.pronamespace
		  union all select 'a trigger of ' || t.tgrelid::regclass::text, t.xmin from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid join elsewhere e on e.oid = c.relnamespace where not t.tgisinternal
		  union all select 'the type ' || t.oid::regtype::text, t.xmin from pg_catalog.pg_type t join elsewhere e on e.oid = t.typnamespace
		  union all select 'a policy of ' || p.polrelid::regclass::text, p.xmin from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid join elsewhere e on e.oid = c.relnamespace
		  union all select 'a comment on ' || c.oid::regclass::text, d.xmin from pg_catalog.pg_description d join pg_catalog.pg_class c on d.classoid = 'pg_catalog.pg_class'::regclass and c.oid = d.objoid join elsewhere e on e.oid = c.relnamespace
		  union all select 'the schema ' || n.nspname, n.xmin from pg_catalog.pg_namespace n join elsewhere e on e.oid = n.oid) w
		 where w.xmin = pg_current_xact_id()::xid`).Scan(&what)
	if err != nil {
		return fmt.Errorf("see what it made: %w", err)
	}
	after, err := hostsOwn(ctx, tx)
	if err != nil {
		return err
	}
	for thing, n := range after {
		if was, there := before[thing]; what == nil && n != was && (there || strings.HasPrefix(thing, "the rows")) { // what is new is named above
			what = &thing
		}
	}
	switch {
	case what != nil:
		return &RefusedError{m.place(s.line), "it makes or changes " + *what + ", outside the schema kitchen",
			"write kitchen.… before the names of what the mapping makes; what is the host's is changed by the host's own migrations, because kitchen attach down would leave it behind"}
	}
	return nil
}

// hostsOwn counts the rows that this session has written to each table outside the schema kitchen, and reads what such a table has besides
// columns, as one number. Earlier transactions of the session may count, too.
func hostsOwn(ctx context.Context, tx pgx.Tx) (map[string]int64, error) {
	rows, err := tx.Query(ctx, `select 'the rows of ' || u.relid::regclass::text, u.n_tup_ins + u.n_tup_upd + u.n_tup_del from pg_catalog.pg_stat_xact_user_tables u
		where u.schemaname <> 'kitchen' and u.n_tup_ins + u.n_tup_upd + u.n_tup_del > 0
		union all
		select 'the owner, rights or settings of ' || c.oid::regclass::text, hashtext(concat(c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.reloptions))
		  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		 where c.relkind in ('r', 'p', 'v', 'm', 'S') and n.nspname not in ('kitchen', 'pg_catalog', 'information_schema') and n.nspname not like 'pg\_t%'`)
	if err != nil {
		return nil, fmt.Errorf("see what was written: %w", err)
	}
	written := map[string]int64{}
	var table string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&table, &n}, func() error {
		written[table] = n
		return nil
	})
	return written, err
}

func mendSQL(pg *pgconn.PgError) string {
	switch {
	case pg.Code == "42601" && strings.Contains(pg.Message, `"\"`): // syntax_error
		return "leave out commands of psql: a mapping is SQL alone"
	case pg.Hint != "":
		return strings.TrimSuffix(pg.Hint, ".")
	case pg.Code == "42501": // insufficient_privilege
		return "run it as the owner of the tables: the views read with the rights of the role that makes them"
	case pg.Code == "42P01": // undefined_table
		return "name the table as \\d shows it, with its schema where that is not in the search_path"
	case pg.Code == "42703": // undefined_column
		return "name the column as \\d shows it, in double quotes where it has capital letters"
	}
	switch pg.Code[:2] {
	case "22": // data exceptions
		return "guard the expression against such a value, with nullif or a case: whatever a row may have, a view must show (SQLSTATE " + pg.Code + ")"
	case "42":
		return "write it as PostgreSQL reads it: psql says the same of this line (SQLSTATE " + pg.Code + ")"
	}
	return "SQLSTATE " + pg.Code
}
