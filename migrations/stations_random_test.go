package migrations_test

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var storySeed = flag.Uint64("story-seed", 0, "seed of the random stories of stations; 0 for one by chance")

// Whatever cooks, tills and managers do, in whatever order and over whatever connection: an order with something to cook is ready
// exactly when all that is not held is ready, everywhere; one that is begun is not pending; and every line goes where the routes say,
// or is on every screen.
func TestReadyNeverLies(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"stations", "expo"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			seed := cmp.Or(*storySeed, rand.Uint64())
			s := &story{house: open(t), random: rand.New(rand.NewPCG(seed, 1)), when: when}
			t.Logf("again with -args -story-seed %d", seed)
			s.stations()
			if err := s.do(`insert into kitchen.settings (restaurant_id, ready_when) values ($A, '` + when + `')`); err != nil {
				t.Fatal(err)
			}
			s.sessions = []session{s.session(), s.session(), s.session()}
			s.begin()
			for range 250 {
				s.step()
				if t.Failed() {
					t.Fatalf("the story:\n%s", strings.Join(s.told, "\n"))
				}
			}
			if caught := s.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
				t.Error(caught)
			}
		})
	}
}

type story struct {
	*house
	random   *rand.Rand
	sessions []session
	when     string
	order    string
	told     []string // what was done
}

func (s *story) begin() { s.order, s.told = s.house.order("meat", "fried", "odd", "*drinks"), nil }

func oneOf[T any](s *story, all ...T) T { return all[s.random.IntN(len(all))] }

// step does something to the order, which may be refused, and looks at what became of it.
func (s *story) step() {
	s.Helper()
	line := fmt.Sprintf(`(select id from order_items where order_id = '%s' order by md5(id::text || '%d') limit 1)`, s.order, s.random.IntN(100))
	station := `(select id from kitchen.stations where name = '` + oneOf(s, "Grill", "Fryer", "Bar", "nowhere") + `')`
	category := oneOf(s, "meat", "fried", "drinks", "odd")
	state := oneOf(s, "pending", "preparing", "ready", "ready", "ready")
	cookAll := `select kitchen.set_lines('` + s.order + `', a.station_id, 'ready') from (
		select distinct s.station_id from kitchen.orders o join kitchen.lines l on l.order_id = o.id and not l.held
		 cross join lateral kitchen.line_stations(o.restaurant_id, o.id, o.order_type, l.id, l.menu_item_id::text, l.category, l.quantity, l.notes) s
		 where o.id = '` + s.order + `') a`
	sql := oneOf(s,
		`select kitchen.set_lines('`+s.order+`', `+station+`, '`+state+`')`,
		`select kitchen.set_lines('`+s.order+`', `+station+`, '`+state+`')`,
		`select kitchen.set_lines('`+s.order+`', `+station+`, 'ready')`,
		`select kitchen.set_lines('`+s.order+`', `+station+`, '`+state+`', array[`+line+`]::kitchen.line_key[])`,
		`select kitchen.set_lines('`+s.order+`', `+station+`, '`+state+`', seen => '`+oneOf(s, "pending", "ready")+`')`,
		cookAll, cookAll, cookAll,
		`select kitchen.fire_course('`+s.a+`', '`+s.order+`', 2)`,
		`insert into order_items (order_id, name, category, held, course) values ('`+s.order+`', '`+category+`', '`+category+`', `+oneOf(s, "true", "false")+`, 2)`,
		`update order_items set quantity = quantity + 1 where id = `+line,
		`update order_items set quantity = greatest(quantity - 1, 1) where id = `+line,
		`update order_items set notes = '`+oneOf(s, "", "no salt", "hot")+`' where id = `+line,
		`update order_items set held = not held where id = `+line,
		`update order_items set category = '`+category+`' where id = `+line,
		`delete from order_items where id = `+line,
		`update orders set status = '`+oneOf(s, "pending", "preparing", "ready", "completed", "cancelled")+`' where id = '`+s.order+`'`,
		`update orders set notes = notes || '.' where id = '`+s.order+`'`,
		`update orders set order_type = '`+oneOf(s, "dine_in", "delivery")+`' where id = '`+s.order+`'`,
		`insert into kitchen.routes (restaurant_id, station_id, category, order_type) select '`+s.a+`', `+oneOf(s, station, "null")+`, `+oneOf(s, "null", "'"+category+"'")+`, `+oneOf(s, "null", "'delivery'")+` on conflict do nothing`,
		`delete from kitchen.routes where id = (select id from kitchen.routes order by md5(id::text || '`+s.order+`') limit 1)`,
	)
	if s.random.IntN(4) == 0 {
		sql = "begin; " + sql + "; " + oneOf(s, "commit", "commit", "rollback")
	}
	_, err := oneOf(s, s.sessions...).conn.PgConn().Exec(s.Context(), sql).ReadAll()
	s.told = append(s.told, fmt.Sprintf("%s -- %v", sql, err))
	if err != nil {
		for _, open := range s.sessions {
			_, _ = open.conn.PgConn().Exec(s.Context(), "rollback").ReadAll()
		}
		if !strings.Contains(err.Error(), "P0002") && !strings.Contains(err.Error(), "55000") && !strings.Contains(err.Error(), "40001") {
			s.Errorf("%s: %v", sql, err)
		}
	}
	s.look()
	if status := s.status(s.order); s.random.IntN(25) == 0 || (status == "completed" || status == "cancelled") && s.random.IntN(3) == 0 {
		s.begin()
	}
}

// look holds the order against what has to be so.
func (s *story) look() {
	s.Helper()
	status := s.status(s.order)
	rows, err := s.pool.Query(s.Context(), `
		select l.id::text, coalesce(l.category, ''), o.order_type, l.held, coalesce(array_agg(coalesce(t.name, '-') order by t.name) filter (where s.status is not null), '{}'),
		       coalesce(array_agg(s.status order by t.name) filter (where s.status is not null), '{}')
		  from kitchen.orders o join kitchen.lines l on l.order_id = o.id
		  left join lateral kitchen.line_stations(o.restaurant_id, o.id, o.order_type, l.id, l.menu_item_id::text, l.category, l.quantity, l.notes) s on true
		  left join kitchen.stations t on t.id = s.station_id
		 where o.id = $1::uuid group by 1, 2, 3, 4`, s.order)
	if err != nil {
		s.Fatal(err)
	}
	defer rows.Close()
	cooked, waiting, begun := 0, 0, false
	for rows.Next() {
		var id, category, orderType string
		var held bool
		var at, states []string
		if err := rows.Scan(&id, &category, &orderType, &held, &at, &states); err != nil {
			s.Fatal(err)
		}
		if want := s.goes(category, orderType); !slices.Equal(at, want) {
			s.Errorf("%s, %s goes to %q, want %q", category, orderType, at, want)
		}
		for _, state := range states {
			if !held {
				cooked++
				begun = begun || state != "pending"
				if state != "ready" {
					waiting++
				}
			}
		}
	}
	if err := rows.Err(); err != nil {
		s.Fatal(err)
	}
	switch {
	case status == "completed" || status == "cancelled" || cooked == 0:
	case status == "ready" && waiting > 0:
		s.Errorf("the order is ready, and %d of %d wait: %s", waiting, cooked, s.lines(s.order))
	case s.when == "stations" && status != "ready" && waiting == 0:
		s.Errorf("all is ready, and the order is %s: %s", status, s.lines(s.order))
	case status == "pending" && begun:
		s.Errorf("the order is begun, and pending: %s", s.lines(s.order))
	}
}

// goes is where a line goes, by another way than the database's: all routes that match, and of these the most specific.
func (s *story) goes(category, orderType string) []string {
	s.Helper()
	rows, err := s.pool.Query(s.Context(), `
		select coalesce(t.name, ''), coalesce(r.category, ''), coalesce(r.order_type, '') from kitchen.routes r left join kitchen.stations t on t.id = r.station_id
		 where r.restaurant_id = $1 and r.menu_item_id is null`, s.a)
	if err != nil {
		s.Fatal(err)
	}
	defer rows.Close()
	best, names := -1, []string{"-"}
	for rows.Next() {
		var name, ofCategory, ofType string
		if err := rows.Scan(&name, &ofCategory, &ofType); err != nil {
			s.Fatal(err)
		}
		place := 0
		if ofCategory != "" {
			place = 2
		}
		if ofType != "" {
			place++
		}
		switch matches := (ofCategory == "" || ofCategory == category) && (ofType == "" || ofType == orderType); {
		case !matches || place < best:
		case place > best:
			best, names = place, []string{name}
		default:
			names = append(names, name)
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" }) // nothing is cooked
	slices.Sort(names)
	return slices.Compact(names)
}
