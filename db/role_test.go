package db_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/db"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

// tenants is two restaurants, each with an open order, a closed one and a user, and the database as the role of serve.
type tenants struct {
	fixture
	url         string // of the role
	mine, other db.RestaurantID
	open        map[db.RestaurantID]db.OrderID
	user        map[db.RestaurantID]db.UserID
}

func asServe(t *testing.T) tenants {
	t.Helper()
	owner := dbtest.New(t)
	f := fixture{T: t, pool: dbtest.Pool(t, owner)}
	s := tenants{fixture: f, url: dbtest.ServeRole(t, owner), open: map[db.RestaurantID]db.OrderID{}, user: map[db.RestaurantID]db.UserID{}}
	d, err := db.Open(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	s.db = d
	s.mine, s.other = f.restaurant(), f.restaurant()
	for i, r := range []db.RestaurantID{s.mine, s.other} {
		s.user[r] = db.UserID(f.id(`insert into users (restaurant_id, username) values ($1, $2) returning id::text`, r, fmt.Sprint("cook", i)))
		table := f.id(`insert into tables (restaurant_id, label) values ($1, 'T1') returning id::text`, r)
		s.open[r] = db.OrderID(f.id(`insert into orders (restaurant_id, table_id, created_by) values ($1, $2, $3) returning id::text`,
			r, table, s.user[r]))
		f.exec(`insert into order_items (order_id, name) values ($1, 'Soup')`, s.open[r])
		f.exec(`insert into order_item_modifiers (order_item_id, name) select id, 'hot' from order_items where order_id = $1`, s.open[r])
		f.exec(`insert into orders (restaurant_id, status) values ($1, 'completed')`, r)
	}
	return s
}

// calls is, for each method of DB, a call of it in the name of one restaurant with the ids of another's order: what it
// answers, where everything is right. A method that is not here fails the test.
func (s tenants) calls() map[string]func(ctx context.Context) error {
	mine, foreign := s.mine, s.open[s.other]
	only := func(orders []db.Order, want int) error {
		for _, o := range orders {
			if o.RestaurantID != mine {
				return fmt.Errorf("an order of another restaurant: %s", o.RestaurantID)
			}
		}
		if len(orders) != want {
			return fmt.Errorf("%d orders, want %d", len(orders), want)
		}
		return nil
	}
	return map[string]func(ctx context.Context) error{
		"Queues": func(ctx context.Context) error {
			queues, err := s.db.Queues(ctx, []db.RestaurantID{mine})
			if err != nil {
				return err
			}
			if len(queues) != 1 {
				return fmt.Errorf("%d queues", len(queues))
			}
			return only(queues[mine].Orders, 1)
		},
		"Orders": func(ctx context.Context) error {
			orders, err := s.db.Orders(ctx, []db.OrderKey{{Restaurant: mine, Order: s.open[mine]}, {Restaurant: mine, Order: foreign}})
			return errors.Join(err, only(orders, 1))
		},
		"Recent": func(ctx context.Context) error {
			orders, err := s.db.Recent(ctx, mine)
			return errors.Join(err, only(orders, 1))
		},
		"Fingerprints": func(ctx context.Context) error {
			prints, err := s.db.Fingerprints(ctx, []db.RestaurantID{mine})
			if err == nil && (len(prints) != 1 || prints[0].Restaurant.ID != mine || prints[0].Orders != 1) {
				err = fmt.Errorf("%+v", prints)
			}
			return err
		},
		"UpdateStatus": func(ctx context.Context) error {
			if _, err := s.db.UpdateStatus(ctx, db.StatusUpdate{Restaurant: mine, Order: foreign, Status: db.Ready}); !errors.Is(err, db.ErrNotFound) {
				return fmt.Errorf("another's order: %v", err)
			}
			if got := s.id(`select status from orders where id = $1`, foreign); got != "pending" {
				return fmt.Errorf("another's order is %s", got)
			}
			got, err := s.db.UpdateStatus(ctx, db.StatusUpdate{Restaurant: mine, Order: s.open[mine], Status: db.Ready})
			if err == nil && got.Status != db.Ready {
				err = fmt.Errorf("%+v", got)
			}
			return err
		},
		"UpdateLines": func(ctx context.Context) error {
			if _, err := s.db.UpdateLines(ctx, order.LinesUpdate{Restaurant: mine, Order: foreign, Status: db.Ready}); !errors.Is(err, db.ErrNotFound) {
				return fmt.Errorf("another's order: %v", err)
			}
			id := db.OrderID(s.id(`insert into orders (restaurant_id) values ($1) returning id::text`, mine))
			s.exec(`insert into kitchen.stations (restaurant_id, name) values ($1, 'Grill')`, mine)
			s.exec(`insert into order_items (order_id, name, held, course) values ($1, 'Soup', false, 1), ($1, 'Cake', true, 2)`, id)
			defer s.exec(`delete from orders where id = $1`, id)
			defer s.exec(`delete from kitchen.stations where restaurant_id = $1`, mine)
			got, err := s.db.UpdateLines(ctx, order.LinesUpdate{Restaurant: mine, Order: id, Status: db.Ready})
			if err == nil && got.Status != db.Ready {
				err = fmt.Errorf("%+v", got)
			}
			if err != nil {
				return err
			}
			if got, err = s.db.Fire(ctx, mine, id, 2); err == nil && got.Status != db.Preparing {
				err = fmt.Errorf("fired: %+v", got)
			}
			return err
		},
		"Fire": func(ctx context.Context) error { // of one's own: with UpdateLines
			if _, err := s.db.Fire(ctx, mine, foreign, 1); !errors.Is(err, db.ErrNotFound) {
				return fmt.Errorf("another's order: %v", err)
			}
			return nil
		},
		"Settle": func(ctx context.Context) error { return s.db.Settle(ctx, mine, foreign) },
		// Of all restaurants, without anything of theirs.
		"Tidy":           func(ctx context.Context) error { _, err := s.db.Tidy(ctx, 100); return err },
		"CounterHolders": func(ctx context.Context) error { _, err := s.db.CounterHolders(ctx, time.Millisecond); return err },
		"LostTimezones":  func(ctx context.Context) error { _, err := s.db.LostTimezones(ctx); return err },
		"TriggerErrors":  func(ctx context.Context) error { _, err := s.db.TriggerErrors(ctx); return err },
		"Encoding":       func(ctx context.Context) error { _, err := s.db.Encoding(ctx); return err },
		// A user is looked up before it is known whose it is; the restaurant comes with it, and is what decides.
		"User": func(ctx context.Context) error {
			u, err := s.db.User(ctx, s.user[mine])
			if err == nil && u.Restaurant != mine {
				err = fmt.Errorf("%+v", u)
			}
			return err
		},
		"Users": func(ctx context.Context) error {
			users, err := s.db.Users(ctx, []db.UserID{s.user[mine]})
			if err == nil && (len(users) != 1 || users[0].Restaurant != mine) {
				err = fmt.Errorf("%+v", users)
			}
			return err
		},
		"UserByName": func(ctx context.Context) error {
			u, err := s.db.UserByName(ctx, "cook0")
			if err == nil && u.Restaurant != mine {
				err = fmt.Errorf("%+v", u)
			}
			return err
		},
		// For an operator at a terminal, and for no display: it says whose order it is.
		"FindOrder": func(ctx context.Context) error {
			w, err := s.db.FindOrder(ctx, foreign)
			if err == nil && w.Restaurant != s.other {
				err = fmt.Errorf("%+v", w)
			}
			return err
		},
		"CheckSchema": s.db.CheckSchema,
		"Keys": func(context.Context) error {
			if k := s.db.Keys(); k != (order.Keys{Restaurant: order.UUID, Order: order.UUID, Line: order.UUID, User: order.UUID}) {
				return fmt.Errorf("%+v", k)
			}
			return nil
		},
		"CheckTriggers": func(ctx context.Context) error {
			wrong, err := s.db.CheckTriggers(ctx)
			if len(wrong) > 0 {
				err = fmt.Errorf("%q", wrong)
			}
			return err
		},
		"NotificationQueueUsage": func(ctx context.Context) error { _, err := s.db.NotificationQueueUsage(ctx); return err },
		// Of other roles' sessions it sees no more than that they are there.
		"QueueHolders": func(ctx context.Context) error { _, err := s.db.QueueHolders(ctx, time.Minute); return err },
		"Notify":       func(ctx context.Context) error { return s.db.Notify(ctx, "kitchen_control_test", "x") },
		"Now":          func(ctx context.Context) error { _, err := s.db.Now(ctx); return err },
		"Reset":        func(context.Context) error { s.db.Reset(); return nil },
		"VersionsKept": func(ctx context.Context) error { _, err := s.db.VersionsKept(ctx); return err },
		// Of what migrates, it may look at whether there is anything in the way, and make what is there.
		"CheckMigratable": func(ctx context.Context) error { return s.db.CheckMigratable(ctx) },
		"MakeSchema":      func(ctx context.Context) error { return s.db.MakeSchema(ctx) },
		"Close":           func(context.Context) error { return nil }, // at the end of the test
	}
}

// Everything that a node does to its database works with the grants of migrations/roles/serve.sql, and answers for the
// restaurant that it was asked for alone, whatever ids it was given.
func TestServeRoleDoesEverythingThatANodeDoesInsideOneRestaurant(t *testing.T) {
	t.Parallel()
	s := asServe(t)
	calls := s.calls()
	for method := range reflect.TypeFor[*db.DB]().Methods() {
		call, known := calls[method.Name]
		if !known {
			t.Errorf("DB.%s is new: add a call of it to this test, with the ids of another restaurant", method.Name)
			continue
		}
		if err := call(t.Context()); err != nil {
			t.Errorf("DB.%s: %v", method.Name, err)
		}
	}
	ear, err := db.ConnectListener(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer ear.Close(context.Background())
	if err := db.Listen(t.Context(), ear, []string{s.mine.Channel()}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.UpdateStatus(t.Context(), db.StatusUpdate{Restaurant: s.mine, Order: s.open[s.mine], Status: db.Completed}); err != nil {
		t.Fatal(err)
	}
	if n, err := ear.WaitForNotification(t.Context()); err != nil || !strings.Contains(n.Payload, `"order_status_changed"`) {
		t.Errorf("%+v, %v", n, err)
	}
}

// Table by table and verb by verb, of all tables that the catalog knows: a new one is refused until serve.sql names it.
func TestServeRoleIsRefusedEverythingElse(t *testing.T) {
	t.Parallel()
	s := asServe(t)
	s.exec(`create table payments (id int primary key); create sequence receipt; alter table users add password text; alter table orders add price numeric`)
	conn, err := pgx.Connect(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	allowed := map[string][]string{
		"select": {"kitchen.goose_db_version", "kitchen.line_changes", "kitchen.line_states", "kitchen.lines", "kitchen.modifiers", "kitchen.order_changes", "kitchen.order_versions",
			"kitchen.orders", "kitchen.restaurants", "kitchen.routes", "kitchen.settings", "kitchen.stations", "kitchen.trigger_errors", "kitchen.users"},
		"select a column": {"kitchen.goose_db_version", "kitchen.line_changes", "kitchen.line_states", "kitchen.lines", "kitchen.modifiers", "kitchen.order_changes", "kitchen.order_versions",
			"kitchen.orders", "kitchen.restaurants", "kitchen.routes", "kitchen.settings", "kitchen.stations", "kitchen.trigger_errors", "kitchen.users",
			"order_items.course", "order_items.held", "order_items.id", "order_items.order_id", "orders.id", "users.id", "users.is_active", "users.name", "users.restaurant_id", "users.role", "users.username"},
		"insert":          {"kitchen.line_changes"},
		"update a column": {"order_items.held", "orders.status"},
		"execute": {"kitchen.change_status(kitchen.restaurant_key,kitchen.order_key,text,bigint)", "kitchen.fire(kitchen.order_key,integer)",
			"kitchen.fire_course(kitchen.restaurant_key,kitchen.order_key,integer)",
			"kitchen.line_stations(kitchen.restaurant_key,kitchen.order_key,text,kitchen.line_key,text,text,numeric,text)",
			"kitchen.route_line(kitchen.restaurant_key,text,text,text)",
			"kitchen.set_lines(kitchen.order_key,uuid,text,kitchen.line_key[],text,kitchen.restaurant_key)", "kitchen.set_status(kitchen.order_key,text)",
			"kitchen.settle_orders(kitchen.order_key[])", "kitchen.tidy_line_changes(integer)", "kitchen.tidy_order_changes(integer)", "kitchen.waiting(kitchen.order_key)"},
	}
	got := map[string][]string{}
	try := func(verb, what, sql string) {
		t.Helper()
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background()) //nolint:errcheck // nothing is kept
		_, err = tx.Exec(t.Context(), sql)
		var pg *pgconn.PgError
		switch {
		case err == nil || errors.As(err, &pg) && pg.Code == "23502": // not_null_violation: allowed, and wrong
			got[verb] = append(got[verb], what)
		case !errors.As(err, &pg) || pg.Code != "42501" && !slices.Contains([]string{"42809", "55000", "0A000"}, pg.Code): // insufficient_privilege; or a view, which cannot be written
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, name := range s.list(`select oid::regclass::text from pg_class
		where relnamespace in ('public'::regnamespace, 'kitchen'::regnamespace) and relkind in ('r', 'p', 'v', 'm') order by 1`) {
		quoted := name
		try("select", name, "select * from "+quoted)
		try("insert", name, "insert into "+quoted+" default values")
		try("delete", name, "delete from "+quoted)
		try("truncate", name, "truncate "+quoted+" cascade")
		try("lock", name, "lock "+quoted+" in access exclusive mode")
		try("select for update", name, "select from "+quoted+" for update")
		try("alter", name, "alter table "+quoted+" disable trigger user")
		try("drop", name, "drop table "+quoted+" cascade")
		try("trigger", name, "create trigger mine after insert on "+quoted+" for each statement execute function kitchen.watch_truncate()")
		for _, column := range s.list(`select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by 1`, name) {
			c := pgx.Identifier{column}.Sanitize()
			if !slices.Contains(got["select"], name) {
				try("select a column", name+"."+column, "select "+c+" from "+quoted)
			} else if !slices.Contains(got["select a column"], name) {
				got["select a column"] = append(got["select a column"], name)
			}
			try("update a column", name+"."+column, "update "+quoted+" set "+c+" = null where false")
		}
	}
	for _, name := range s.list(`select oid::regclass::text from pg_class where relnamespace in ('public'::regnamespace, 'kitchen'::regnamespace) and relkind = 'S'`) {
		try("sequence", name, "select nextval('"+name+"')")
	}
	got["execute"] = append(got["execute"], s.list(`select p.oid::regprocedure::text from pg_proc p
		where p.pronamespace in ('public'::regnamespace, 'kitchen'::regnamespace)
		  and has_function_privilege($1, p.oid, 'execute') order by 1`, strings.Split(conn.Config().User, "@")[0])...)
	try("other", "become another", "set role postgres")
	try("other", "silence triggers", "set session_replication_role = replica")
	try("other", "read files", "select pg_read_file('postgresql.conf')")
	try("other", "make roles", "create role another")
	// "select for update" needs no more than the right to update some column.
	allowed["select for update"] = []string{"order_items", "orders"}
	for verb, names := range got {
		if !slices.Equal(names, allowed[verb]) {
			t.Errorf("%s: allowed on %q, want %q", verb, names, allowed[verb])
		}
	}
	for verb := range allowed {
		if len(got[verb]) == 0 {
			t.Errorf("%s: refused everywhere", verb)
		}
	}
}

// The file may run again, takes back what was given beside it, and refuses a role that no grant can bound.
func TestServeRoleIsMadeTwiceAndBounded(t *testing.T) {
	t.Parallel()
	owner := dbtest.New(t)
	first := dbtest.ServeRole(t, owner)
	f := fixture{T: t, pool: dbtest.Pool(t, owner)}
	cfg, err := pgx.ParseConfig(first)
	if err != nil {
		t.Fatal(err)
	}
	sql, err := os.ReadFile("../migrations/roles/serve.sql")
	if err != nil {
		t.Fatal(err)
	}
	rights := func() string {
		return f.id(`select coalesce(string_agg(relname || relacl::text, ' ' order by relnamespace, relname), '') ||
			(select coalesce(string_agg(attname || attacl::text, ' ' order by attrelid::regclass::text, attname), '') from pg_attribute where attacl is not null and attrelid > 16384)
			from pg_class where relnamespace in ('public'::regnamespace, 'kitchen'::regnamespace) and relacl is not null`)
	}
	before := rights()
	f.exec(`grant all on orders, users, menu_items to ` + cfg.User + `; grant update (notes) on order_items to ` + cfg.User)
	again := func(role string) error {
		conn, err := f.pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		_, err = conn.Conn().PgConn().Exec(t.Context(), `set kitchen.role = '`+role+`'; `+string(sql)).ReadAll()
		return err
	}
	if err := again(cfg.User); err != nil {
		t.Fatal(err)
	}
	if after := rights(); after != before {
		t.Errorf("after it ran again:\n%s\ninstead of\n%s", after, before)
	}
	if err := again(f.id(`select current_user::text`)); err == nil || !strings.Contains(err.Error(), "a role of its own") && !strings.Contains(err.Error(), "no grant can bound") {
		t.Errorf("the owner as the role of serve: %v", err)
	}
}

// Every statement of this package that names a table of orders binds it to restaurants that were asked for, by a parameter
// or through a join with a table that is bound: found in the sources, so that a new statement is looked at, too.
func TestEveryStatementNamesItsRestaurant(t *testing.T) {
	t.Parallel()
	bound := regexp.MustCompile(`(o\.|s\.)?restaurant_id = (\$\d|any\(\$\d|(k\.restaurant_|r\.)id\b)`)
	for _, sql := range statements(t) {
		if !bound.MatchString(sql) {
			t.Errorf("this statement does not say whose orders it means:\n%s", sql)
		}
	}
	// The one read of all restaurants stays what it is for.
	callers, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	kitchen, err := filepath.Glob("../cmd/kitchen/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(callers, kitchen...) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(source), ".FindOrder(") && filepath.Base(name) != "trace.go" && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s calls FindOrder, which reads the orders of all restaurants", name)
		}
	}
}

// statements are those of this package that name a table of orders, read from its sources.
func statements(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	// Statements are put together of constants: each is looked at with those in their places.
	parts := map[string]ast.Expr{}
	var parsed []*ast.File
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "doctor") {
			continue // the doctor reads nothing of a restaurant's but counts, and what it rolls back
		}
		if name == "find.go" {
			continue // for an operator at a terminal; see that only `kitchen trace` calls it, below
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				for i, v := range spec.Values {
					parts[spec.Names[i].Name] = v
				}
			}
			return true
		})
	}
	var all []string
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, arg := range call.Args {
				sql := text(arg, parts)
				if !strings.Contains(sql, "kitchen.orders") && !strings.Contains(sql, "kitchen.lines") {
					continue
				}
				all = append(all, sql)
			}
			return true
		})
	}
	if len(all) < 6 {
		t.Errorf("%d statements found, want at least 6: queues, orders one by one and many, recent, fingerprints, status", len(all))
	}
	return all
}

// text is a string expression of Go, with names of constants resolved.
func text(e ast.Expr, names map[string]ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			return ""
		}
		return s
	case *ast.BinaryExpr:
		return text(e.X, names) + text(e.Y, names)
	case *ast.Ident:
		return text(names[e.Name], names)
	}
	return ""
}

func (f fixture) list(sql string, args ...any) []string {
	f.Helper()
	rows, err := f.pool.Query(f.Context(), sql, args...)
	if err != nil {
		f.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		f.Fatalf("%s: %v", sql, err)
	}
	return all
}
