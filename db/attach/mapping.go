package attach

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Mapping is an SQL file that says how the tables of a database become orders for a kitchen.
type Mapping struct {
	Name       string // of the file, for messages
	text       string
	statements []statement
}

// Statements that would end the transaction in which a mapping is tried, and commands of psql.
var forbidden = regexp.MustCompile(`(?i)^(begin|commit|rollback|abort|end|start|savepoint|release|prepare)\b|^\\|^copy\b`)

// Parse reads a mapping. name is for messages; what is wrong with the SQL itself only a database can say.
func Parse(name string, text []byte) (*Mapping, error) {
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
	}
	if i := strings.Index(m.text, "+goose"); i >= 0 {
		return nil, &RefusedError{m.place(lineAt(m.text, i)), "annotations of goose do not belong into a mapping", "kitchen attach migration adds them"}
	}
	return m, nil
}

func (m *Mapping) place(line int) string { return fmt.Sprintf("%s:%d", m.Name, line) }

// placeOf is where a view or function of the schema kitchen is made, or the file alone.
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

// placeOfWatch is where the rule of a table stands.
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
	for _, s := range m.statements {
		_, err := tx.Conn().PgConn().Exec(ctx, s.text).ReadAll()
		var pg *pgconn.PgError
		if !errors.As(err, &pg) {
			if err != nil {
				return fmt.Errorf("apply the mapping: %w", err)
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

func mendSQL(pg *pgconn.PgError) string {
	switch {
	case pg.Hint != "":
		return strings.TrimSuffix(pg.Hint, ".")
	case pg.Code == "42501": // insufficient_privilege
		return "run it as the owner of the tables: the views read with the rights of whoever makes them"
	case pg.Code == "42P01": // undefined_table
		return "name the table as \\d shows it, with its schema where that is not in the search_path"
	case pg.Code == "42703": // undefined_column
		return "name the column as \\d shows it, in double quotes where it has capital letters"
	}
	return "SQLSTATE " + pg.Code
}
