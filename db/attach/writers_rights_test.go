package attach_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach"
)

// as is a connection of a new role of the test's own.
func (h *host) as(grants string) *pgx.Conn {
	h.Helper()
	role := "writer_" + h.one(`select pg_backend_pid()::text`)
	h.exec(`create role ` + role + ` login; ` + strings.ReplaceAll(grants, "$ROLE", role))
	u, err := url.Parse(h.url)
	if err != nil {
		h.Fatal(err)
	}
	q := u.Query()
	q.Set("user", role)
	u.RawQuery = q.Encode()
	conn, err := pgx.Connect(h.Context(), u.String())
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() {
		_ = conn.Close(context.Background())
		cleaner, err := pgx.Connect(context.Background(), h.url)
		if err != nil {
			h.Error(err)
			return
		}
		defer cleaner.Close(context.Background())
		if _, err := cleaner.PgConn().Exec(context.Background(), `drop owned by `+role+`; drop role `+role).ReadAll(); err != nil {
			h.Error(err)
		}
	})
	return conn
}

func TestAWriterNeedsNoRightsOnAnythingOfOurs(t *testing.T) {
	t.Parallel()
	h := attachedDjango(t)
	till := h.as(`grant insert, select (id), update (quantity) on orders_orderitem to $ROLE; revoke execute on function pg_notify(text, text) from public`)
	if _, err := till.Exec(t.Context(), `set search_path = pg_temp; create function pg_temp.now() returns timestamptz language sql as $$ select 1/0 * now() $$`); err == nil {
		t.Log("a function of the writer's own stands before")
	}
	if _, err := till.Exec(t.Context(), `insert into public.orders_orderitem (id, quantity, unit_price, notes, menu_item_id, order_id) values (70, 1, 1, '', 1, 1)`); err != nil {
		t.Fatal(err)
	}
	h.expect("a line", "1 order_updated 1")
}

func TestRowSecurityOfTheHost(t *testing.T) {
	t.Parallel()
	h := fixture(t, "django")
	h.exec(`alter table orders_order enable row level security; create policy mine on orders_order using (restaurant_id = current_setting('app.restaurant', true)::bigint)`)
	h.up(mapping(t, "django")) // as the owner, whom no policy binds
	till := h.as(`grant select, update on orders_order to $ROLE`)
	if _, err := till.PgConn().Exec(t.Context(), `set app.restaurant = '1'; update orders_order set notes = 'x'`).ReadAll(); err != nil {
		t.Fatal(err)
	}
	h.expect("an update under a policy", "1 order_updated 1")
	h.down()
	h.exec(`alter table orders_order force row level security`)
	conn := h.as2(`grant create on database ` + h.conn.Config().Database + ` to $ROLE;` + owner)
	report, err := attach.Check(t.Context(), conn, mapping(t, "django"))
	if err != nil || report.Worst() != attach.Wrong || !strings.Contains(text(report), "row-level security") || !strings.Contains(text(report), "alter role "+conn.Config().User+" bypassrls") {
		t.Errorf("a policy that binds the role that attaches: %v\n%s", err, text(report))
	}
}

const owner = ` do $$ declare t text; begin for t in select tablename from pg_tables where schemaname = 'public' loop execute format('alter table %I owner to $ROLE', t); end loop; end $$; grant all on schema public to $ROLE`

func (h *host) as2(grants string) *pgx.Conn {
	h.Helper()
	conn := h.connect() // another pid, and so another name
	old := h.conn
	h.conn = conn
	defer func() { h.conn = old }()
	return h.as(grants)
}
