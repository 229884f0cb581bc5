package attach

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db/attach/sqltext"
)

// checkRows checks the rows of the views. It returns false where they cannot be read.
func checkRows(ctx context.Context, tx pgx.Tx, m *Mapping, d *model, report *Report) (bool, error) {
	for _, v := range views {
		err := atSavepoint(ctx, tx, func() error {
			if _, err := tx.Exec(ctx, "set local row_security = off"); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "select count(t::text) from (select * from kitchen."+v.name+" limit 10000) t")
			return err
		})
		if err == nil {
			continue
		}
		refusal := refused(err, m.placeOf(v.name), "reading kitchen."+v.name)
		var r *RefusedError
		if !errors.As(refusal, &r) {
			return false, refusal
		}
		if strings.Contains(r.Means, "row-level security") {
			if r.Mend, err = mendPolicy(ctx, tx, d); err != nil {
				return false, err
			}
		}
		return false, r
	}
	for _, q := range rowChecks {
		rows, err := tx.Query(ctx, q.sql)
		if err != nil {
			return false, fmt.Errorf("check %s: %w", q.view, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[*string])
		if err != nil {
			return false, refused(err, m.placeOf(q.view), "reading kitchen."+q.view)
		}
		for _, f := range found {
			if f != nil {
				report.add(q.check, q.level, q.mend, "%s: %s", m.placeOf(q.view), *f)
			}
		}
		if len(found) == 0 && q.fine != "" {
			report.add(q.check, OK, "", "%s", q.fine)
		}
	}
	return true, checkStatuses(ctx, tx, m, d, report)
}

// mendPolicy says what to do where row-level security applies to the role that attaches, even as the owner where a table forces it.
func mendPolicy(ctx context.Context, tx pgx.Tx, d *model) (mend string, err error) {
	oids := make([]uint32, len(d.sources))
	for i, s := range d.sources {
		oids[i] = s.oid
	}
	err = tx.QueryRow(ctx, `
		select case when exists (select from pg_catalog.pg_class c where c.oid = any ($1) and c.relforcerowsecurity and pg_has_role(c.relowner, 'usage'))
		       then format('let an administrator run: alter role %I bypassrls. That table forces its policies on its owner, too, and a policy would hide orders from a kitchen', current_user)
		       else 'attach as the owner of that table, or give the role bypassrls: a policy would hide orders from a kitchen' end`, oids).Scan(&mend)
	if err != nil {
		return "", fmt.Errorf("look whom policies bind: %w", err)
	}
	return mend, nil
}

const mendStatus = "add the word to the view's case; what is no order for a kitchen, such as a cart, is left out by its where clause"

// rowChecks are queries that return a row for each mistake.
var rowChecks = []struct {
	check, view string
	level       Level
	mend, fine  string
	sql         string
}{
	{"restaurants", "orders", Wrong, "join one restaurant only; leave an order out until it has one, by where restaurant_id is not null: it is announced as a new one then; a display must never see another restaurant's order; where several columns are the key of an order, put them together: store_id || '-' || no as id", "each order has exactly one restaurant", `
		select format('order %s has %s: an order needs exactly one restaurant', id, case when count(distinct restaurant_id) > 1
		       then 'the restaurants ' || string_agg(distinct restaurant_id::text, ' and ') when count(restaurant_id) = 0 then 'no restaurant'
		       else count(*) || ' rows in kitchen.orders' end)
		  from kitchen.orders group by id having count(*) > 1 or count(restaurant_id) = 0 limit 5`},
	{"restaurants", "orders", Warning, "let kitchen.restaurants have it, or leave its orders out: nobody can open a display for it", "", `
		select format('restaurant %s has %s open orders and is not in kitchen.restaurants', o.restaurant_id, count(*))
		  from kitchen.orders o where o.open and o.restaurant_id is not null and not exists (select from kitchen.restaurants r where r.id = o.restaurant_id) group by o.restaurant_id limit 5`},
	{"restaurants", "restaurants", Wrong, "give one row a restaurant", "", `
		select format('restaurant %s has %s rows', coalesce(id::text, 'null'), count(*)) from kitchen.restaurants group by id having count(*) > 1 or id is null limit 5`},
	{"restaurants", "restaurants", Wrong, "give a name of the IANA database, such as Europe/Rome", "", `
		select format('restaurant %s has the time zone %L, which PostgreSQL does not know', id, timezone) from kitchen.restaurants
		 where timezone is null or not exists (select from pg_timezone_names z where lower(z.name) = lower(timezone)) limit 5`},
	{"keys", "orders", Wrong, "keys are at most 40 characters out of A-Z a-z 0-9 _ -; give another unique column, or write it otherwise wherever it stands: replace(hostname, '.', '_'), or md5(…)", "", `
		select format('%s %L cannot be a key', what, id) from (
		  select 'order' as what, id::text from kitchen.orders union all select 'restaurant', id::text from kitchen.restaurants
		  union all select 'line', l.id::text from (select id from kitchen.lines limit 100000) l) k
		 where id is null or id !~ '^[A-Za-z0-9_-]{1,40}$' limit 5`},
	{"keys", "users", Warning, "give the id that stands as user_id in their tokens: at most 40 characters out of A-Z a-z 0-9 _ -", "", `
		select format('%s users have an id that no token can name, such as %L', count(*), min(id::text)) from kitchen.users where id::text !~ '^[A-Za-z0-9_-]{1,40}$' having count(*) > 0`},
	{"orders", "orders", Wrong, "give every order a time: coalesce(…, now()) would move it about", "", `
		select format('order %s has no created_at', id) from kitchen.orders where open and (created_at is null or not isfinite(created_at)) limit 5`},
	{"orders", "orders", Warning, "write open as a condition on the same columns as status", "", `
		select format('%s orders are %s and yet %s', count(*), status, case when open then 'open' else 'not open' end)
		  from kitchen.orders where open is distinct from (status in ('pending', 'preparing', 'ready')) and status is not null group by status, open`},
	{"orders", "orders", OK, "", "", `
		select format('none of %s completed orders has a left_at: displays cannot recall them', count(*)) from kitchen.orders where status = 'completed' having count(*) > 0 and count(left_at) = 0`},
	{"orders", "orders", Warning, "left_at is when an order left the queue: name another column, or null::timestamptz as left_at", "", `
		select format('%s of %s open orders have a left_at, as if they had been over before', count(left_at), count(*)) from kitchen.orders where open having count(left_at) * 2 > count(*)`},
	{"lines", "lines", Warning, "give a name that is never null: coalesce(i.name, m.name, '?') as name", "", `
		select format('%s lines of open orders have no name', count(*)) from kitchen.lines l
		  join (select id from kitchen.orders where open limit 5000) o on o.id = l.order_id where l.name is null having count(*) > 0`},
	{"lines", "lines", Wrong, "join by a unique key; where several columns are the key of a line, put them together: order_id || '-' || line_no as id", "", `
		select format('line %s has %s rows', l.id, count(*)) from kitchen.lines l
		  join (select id from kitchen.orders where open limit 5000) o on o.id = l.order_id group by l.id having count(*) > 1 limit 5`},
	{"lines", "lines", Warning, "a display shows one piece, and the number as a note: guard it with a case, or let the host say how many there are", "", `
		select format('line %s has the quantity %s', l.id, l.quantity) from kitchen.lines l
		  join (select id from kitchen.orders where open limit 5000) o on o.id = l.order_id where abs(l.quantity::numeric) >= 1e12 limit 5`},
	{"modifiers", "modifiers", Wrong, "kind is one of add, remove, allergy, note, or null", "", `
		select format('%s modifiers have the kind %L', count(*), kind) from kitchen.modifiers where kind not in ('add', 'remove', 'allergy', 'note') group by kind limit 5`},
	{"users", "users", Warning, "map roles to owner, manager, cashier, kitchen, viewer or screen: others open no display", "", `
		select format('%s users have the role %L', count(*), role) from kitchen.users
		 where role is null or role not in ('owner', 'manager', 'cashier', 'kitchen', 'viewer', 'screen') group by role order by count(*) desc limit 5`},
	{"users", "users", Wrong, "one row for a user and restaurant", "", `
		select format('user %s has %s rows for restaurant %s', id, count(*), restaurant_id) from kitchen.users group by id, restaurant_id having count(*) > 1 limit 5`},
}

// mostWords is how many of the host's words are listed one by one.
const mostWords = 40

// checkStatuses counts the host's words for a status by what the view makes of them, where a column of the orders' table has the word.
func checkStatuses(ctx context.Context, tx pgx.Tx, m *Mapping, d *model, report *Report) error {
	words, err := d.statusWords(ctx, tx)
	if err != nil {
		return fmt.Errorf("find the host's words for a status: %w", err)
	}
	sql := `select null::text, o.status::text, count(*) from kitchen.orders o group by 2 order by 2`
	if words != "" {
		sql = words
	}
	rows, err := tx.Query(ctx, sql)
	if err != nil {
		return fmt.Errorf("count the statuses: %w", err)
	}
	var host, status *string
	var n int64
	count, rest := 0, map[string]int64{}
	_, err = pgx.ForEachRow(rows, []any{&host, &status, &n}, func() error {
		if count++; count > mostWords {
			rest[sqltext.OrNull(status)] += n
			return nil
		}
		from := ""
		if host != nil {
			from = fmt.Sprintf("the host's %q", *host)
		} else {
			from = "a status"
		}
		switch {
		case status == nil:
			report.add("status", Wrong, mendStatus, "%s: %s of %d orders becomes null, and not one of pending, preparing, ready, completed, cancelled", m.placeOf("orders"), from, n)
		case !known[*status]:
			report.add("status", Wrong, mendStatus, "%s: %s of %d orders becomes %q, and not one of pending, preparing, ready, completed, cancelled", m.placeOf("orders"), from, n, *status)
		case host == nil:
			report.add("status", OK, "", "%d orders are %s", n, *status)
		default:
			report.add("status", OK, "", "%q is %s: %d orders", *host, *status, n)
		}
		return nil
	})
	for _, is := range slices.Sorted(maps.Keys(rest)) {
		if known[is] {
			report.add("status", OK, "", "other words, of which there are many, are %s: %d orders", is, rest[is])
		} else {
			report.add("status", Wrong, mendStatus, "%s: other words, of which there are many, become %s, and not one of pending, preparing, ready, completed, cancelled: %d orders", m.placeOf("orders"), is, rest[is])
		}
	}
	if err == nil && count == 0 {
		report.add("status", Warning, "make an order or two, and check again: without any there is little to prove", "there are no orders yet")
	}
	return err
}

// checkWords counts the orders that are open, or have changed today, in a word that the installed mapping does not know.
func checkWords(ctx context.Context, tx pgx.Tx, report *Report) error {
	var open, closed int64
	var example string
	err := atSavepoint(ctx, tx, func() error {
		return tx.QueryRow(ctx, `
		select count(*) filter (where o.open), count(*) filter (where o.open is not true), coalesce(min(o.id::text), '')
		  from (select o.id, o.open, o.status from (select * from kitchen.orders o where o.open limit 10000) o
		        union
		        select o.id, o.open, o.status from (select distinct c.order_id from kitchen.order_changes c where c.changed_at > now() - interval '1 day' limit 10000) c
		          join kitchen.orders o on o.id = c.order_id) o
		 where (o.status::text in ('pending', 'preparing', 'ready', 'completed', 'cancelled')) is not true`).Scan(&open, &closed, &example)
	})
	if err == nil && open+closed > 0 {
		report.add("status", Wrong, mendStatus+"; then kitchen attach up FILE",
			"%d open orders, and %d others that changed today, such as order %s, have a status that is none of the five: displays show the open ones as pending, and the others not at all", open, closed, example)
	}
	if errors.As(err, new(*pgconn.PgError)) { // checkReadable has reported what cannot be read
		return nil
	}
	return err
}

var known = map[string]bool{"pending": true, "preparing": true, "ready": true, "completed": true, "cancelled": true}

// statusWords is a query that counts the host's words with the statuses that the view makes of them. It is empty where the status is not
// made from columns of the orders' own table.
func (d *model) statusWords(ctx context.Context, tx pgx.Tx) (string, error) {
	status, found, err := makes(ctx, tx, "orders", "status")
	if err != nil || !found {
		return "", err
	}
	id, found, err := makes(ctx, tx, "orders", "id")
	if err != nil || !found || id.table != status.table {
		return "", err
	}
	words := make([]string, len(status.columns))
	for i, c := range status.columns {
		var category string
		if err := tx.QueryRow(ctx, `select t.typcategory::text from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
			where a.attrelid = $1::regclass and a.attname = $2`, status.table, c).Scan(&category); err != nil {
			return "", err
		}
		switch {
		case category == "D": // a time, which nearly every order has for itself
			words[i] = fmt.Sprintf("case when t.%s is null then 'null' else 'set' end", sqltext.Quote(c))
		case !strings.Contains("BENS", category):
			return "", nil // a document is no word
		default:
			words[i] = fmt.Sprintf("t.%s::text", sqltext.Quote(c))
		}
		if len(words) > 1 || category == "D" {
			words[i] = fmt.Sprintf("%s || coalesce(%s, 'null')", sqltext.Literal(c+" "), words[i])
		}
	}
	return fmt.Sprintf(`select t.word, o.status::text, count(*) from kitchen.orders o join (select %s as id, %s as word from %s as t) t on t.id = o.id
		group by 1, 2 order by 3 desc, 1`, id.sql, strings.Join(words, " || ', ' || "), status.table), nil
}
