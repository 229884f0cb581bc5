package migrations_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A writer's session may read backslashes in strings as escapes, as PostgreSQL did before 9.1. A function's body is parsed anew in each
// session, with the settings of that session.
func TestNamesAreCheckedInSessionsThatEscapeWithBackslashes(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.one(`insert into orders (restaurant_id) values ($1) returning id::text`, h.a)
	session := "&client_encoding=LATIN1"
	if h.one(`select (current_setting('server_version_num')::int < 190000)::text`) == "true" { // PostgreSQL 19 knows only strings that escape nothing
		session += "&standard_conforming_strings=off&escape_string_warning=on"
	}
	cfg, err := pgx.ParseConfig(h.url + session)
	if err != nil {
		t.Fatal(err)
	}
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { t.Errorf("the writer is told: %s: %s", n.Message, n.Where) }
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // nothing is left to say
	name := func(sql string) (string, error) {
		var name string
		err := conn.QueryRow(t.Context(), sql).Scan(&name)
		return name, err
	}
	item, option := "'"+h.item+"'", "'"+h.option+"'"
	for _, c := range []struct{ sql, want, refused string }{
		{`insert into order_items (order_id, name) select id, 's' from orders returning name`, "s", ""},
		{`insert into order_items (order_id, name) select id, 'u00ad' from orders returning name`, "u00ad", ""},
		{`insert into order_items (order_id, name) select id, E' \t\u00a0\n' from orders returning name`, "", "order_items_name_not_blank"},
		{`insert into order_items (order_id, menu_item_id, name) select id, ` + item + `, 's' from orders returning name`, "s", ""},
		{`insert into order_items (order_id, menu_item_id, name) select id, ` + item + `, E' \u00a0' from orders returning name`, "Soup", ""},
		{`insert into order_items (order_id, menu_item_id, name) select id, ` + item + `, E' \u200b' from orders returning name`, "Soup", ""},
		{`update order_items set name = 's', menu_item_id = null where name = 'Soup' returning name`, "s", ""},
		{`update order_items set name = E'\t' where name = 's' and menu_item_id is null returning name`, "", "order_items_name_not_blank"},
		{`insert into order_item_modifiers (order_item_id, name) select min(id::text)::uuid, 's' from order_items returning name`, "s", ""},
		{`insert into order_item_modifiers (order_item_id, name) select min(id::text)::uuid, E'\u00a0' from order_items returning name`, "", "order_item_modifiers_name_not_blank"},
		{`insert into order_item_modifiers (order_item_id, modifier_option_id, name) select min(id::text)::uuid, ` + option + `, 's' from order_items returning name`, "s", ""},
		{`insert into order_item_modifiers (order_item_id, modifier_option_id, name) select min(id::text)::uuid, ` + option + `, E'\u00a0' from order_items returning name`, "No onion", ""},
		{`update order_item_modifiers set name = E'\t' where name = 'No onion' returning name`, "No onion", ""},
	} {
		got, err := name(c.sql)
		var refusal *pgconn.PgError
		switch {
		case c.refused == "" && (err != nil || got != c.want):
			t.Errorf("%s: %q, %v, want %q", c.sql, got, err, c.want)
		case c.refused != "" && (!errors.As(err, &refusal) || refusal.ConstraintName != c.refused):
			t.Errorf("%s: %q, %v, want it refused by %s", c.sql, got, err, c.refused)
		}
	}
}
