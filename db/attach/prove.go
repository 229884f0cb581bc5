package attach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	sampleRows  = 6               // of a table
	fewOrders   = 400             // up to so many orders, all are compared before and after a change
	holdAtMost  = 8 * time.Second // writers of the host wait meanwhile
	sampleWhole = 2               // rows of which every column is changed; of the others the first that shows
)

// prove makes the triggers, with a collector in place of pg_notify, really changes sample rows of every table, and compares what
// was announced and recorded with what the views show before and after.
func prove(ctx context.Context, tx pgx.Tx, m *Mapping, d *model, report *Report) error {
	const collector = `
		set local kitchen.notify = on;
		create table kitchen.collected (channel text, payload text);
		create function kitchen.collect(channel text, payload text) returns void language sql as $$
		  insert into kitchen.collected values ($1, $2) $$;`
	g := generator{model: d, Notify: "kitchen.collect"}
	if err := run(ctx, tx, collector+g.over()); err != nil {
		return err
	}
	p := &proof{tx: tx, model: d, report: report, mapping: m, until: time.Now().Add(holdAtMost), broken: map[string]bool{}, woken: map[string]bool{}}
	var err error
	if p.before, err = p.facts(ctx); err != nil {
		return fmt.Errorf("read the views: %w", err)
	}
	for _, s := range d.sources {
		if err := p.try(ctx, s); err != nil {
			return fmt.Errorf("try changes of %s: %w", s.label(), err)
		}
	}
	return p.tryStatus(ctx)
}

type proof struct {
	tx      pgx.Tx
	model   *model
	report  *Report
	mapping *Mapping
	until   time.Time
	before  map[string]fact // any change, each of which is taken back
	broken  map[string]bool // tables of which a change broke a view: said once
	woken   map[string]bool // tables of which a change woke another restaurant: said once
}

// fact is what the views say of one thing.
type fact struct {
	Kind, ID, Restaurant, Hash string
	Open                       bool // an order that no display shows need not be announced when it goes
}

// facts is what the views say, of all orders where there are few, else of some that are open and those that were announced.
func (p *proof) facts(ctx context.Context) (map[string]fact, error) {
	rows, err := p.tx.Query(ctx, `
		with sampled as materialized (
		  select array(select id from (select id from kitchen.orders order by open desc, created_at desc limit $1) o
		               union
		               select c.order_id from kitchen.order_changes c where c.version > 0) as ids
		), o as materialized (
		  select o.id, o.restaurant_id, o.open, o::text as content from sampled cross join lateral (select * from kitchen.orders o where o.id = any (sampled.ids)) o
		), l as materialized (
		  select l.order_id, l.id, l::text as content from sampled cross join lateral (select * from kitchen.lines l where l.order_id = any (sampled.ids)) l
		), x as (
		  select l.order_id, string_agg(x::text, '' order by x::text) as content from l join kitchen.modifiers x on x.line_id = l.id group by 1
		)
		select 'order', o.id::text, o.restaurant_id::text, md5(o.content
		       || coalesce((select string_agg(l.content, '' order by l.content) from l where l.order_id = o.id), '')
		       || coalesce((select x.content from x where x.order_id = o.id), '')), o.open
		  from o
		union all
		select 'restaurant', r.id::text, r.id::text, md5(r::text), true from (select * from kitchen.restaurants limit 2000) r
		union all
		select 'user', u.id::text, u.restaurant_id::text, u.role || u.is_active, true from (select * from kitchen.users limit 2000) u`, fewOrders)
	if err != nil {
		return nil, err
	}
	facts := map[string]fact{}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[fact])
	for _, f := range all {
		key := f.Kind + " " + f.ID
		if f.Kind == "user" {
			key += " " + f.Restaurant
		}
		facts[key] = f
	}
	return facts, err
}

// announced is what the triggers have said.
type announced struct {
	Type    string `json:"type"`
	OrderID string `json:"order_id"`
	UserID  string `json:"user_id"`
	channel string
}

func (p *proof) announced(ctx context.Context) ([]announced, error) {
	rows, err := p.tx.Query(ctx, `select channel, payload from kitchen.collected`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (a announced, err error) {
		var payload string
		if err := row.Scan(&a.channel, &payload); err != nil {
			return a, err
		}
		return a, json.Unmarshal([]byte(payload), &a)
	})
}

// place is where a row is.
type place struct {
	Table uint32
	CTID  string
}

// try changes sample rows of a table: every column that is watched, then deletion, and making it anew.
func (p *proof) try(ctx context.Context, s *source) error {
	rows, err := p.sample(ctx, s)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		p.report.add("changes", Warning, "put a row in, and check again", "%s has no row to try a change of", s.label())
		return nil
	}
	watched := map[string]bool{}
	for _, set := range []map[string]bool{s.seen, s.rights} {
		for c := range set {
			watched[c] = true
		}
	}
	tried, showed := 0, 0
	for i, at := range rows {
		for _, c := range s.columns(watched) {
			if time.Now().After(p.until) {
				break
			}
			for _, value := range s.mutations(c) {
				did, seen, err := p.change(ctx, s, "changing "+c.name, func() (int64, error) {
					tag, err := p.tx.Exec(ctx, fmt.Sprintf(`update %s as t set %s = (%s) where t.ctid = $1::tid and t.tableoid = $2 and (%[3]s) is distinct from t.%[2]s`,
						s.table(), quote(c.name), value), at.CTID, at.Table)
					return tag.RowsAffected(), err
				})
				if err != nil {
					return err
				}
				if did {
					tried++
				}
				if seen {
					showed++
				}
				if did {
					break
				}
			}
			if showed > i && i >= sampleWhole {
				break // one change of this row has shown
			}
		}
		if i < sampleWhole {
			n, seen, err := p.deleteAndInsert(ctx, s, at)
			if err != nil {
				return err
			}
			tried += n
			showed += seen
		}
	}
	switch {
	case p.report.has(s.label()):
	case showed == 0:
		p.report.add("changes", Warning, "put a row in that an open order needs, and check again",
			"none of %d changes of %d rows of %s showed in any view: nothing is proved of it", tried, len(rows), s.label())
	default:
		p.report.add("changes", OK, "", "%s: %d changes of %d rows; each of the %d that show in a view was announced to the kitchen that sees it", s.label(), tried, len(rows), showed)
	}
	return nil
}

func (r *Report) has(table string) bool {
	return slices.ContainsFunc(*r, func(f Finding) bool {
		return f.Check == "changes" && f.Level == Wrong && strings.Contains(f.Means, table+" ")
	})
}

// sample chooses rows, those first that belong to an order which is open.
func (p *proof) sample(ctx context.Context, s *source) ([]place, error) {
	order := "true"
	for _, r := range s.rules {
		if r.orders && !r.array {
			order = fmt.Sprintf(`exists (select from kitchen.orders o where o.id = (%s)::kitchen.order_key and o.open)`, r.sql)
			break
		}
	}
	newest := ""
	if len(s.key) > 0 {
		newest = " order by " + strings.ReplaceAll(list(s.key, ""), ",", " desc,") + " desc"
	}
	rows, err := p.tx.Query(ctx, fmt.Sprintf(`select tableoid, ctid::text from (select tableoid, ctid, * from %s%s limit 200) as %s order by (%s) is true desc limit %d`,
		s.table(), newest, quote(s.name), order, sampleRows))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[place])
}

// mutations are SQL for other values of a column: first one that another row has, which its constraints like.
func (s *source) mutations(c column) []string {
	q := quote(c.name)
	all := []string{fmt.Sprintf(`select x.v from (select y.%s as v from %s y limit 2000) x where x.v::text is distinct from t.%[1]s::text and x.v is not null limit 1`, q, s.table())}
	switch base, _, _ := strings.Cut(c.typ, "("); strings.TrimSpace(base) {
	case "smallint", "integer", "bigint", "numeric", "real", "double precision":
		all = append(all, "coalesce(t."+q+", 0) + 1")
	case "text", "character varying":
		all = append(all, fmt.Sprintf("left(coalesce(t.%s, '') || 'x', %d)", q, 200), fmt.Sprintf("overlay(coalesce(t.%s, '') placing 'x' from 1 for 1)", q))
	case "boolean":
		all = append(all, "not coalesce(t."+q+", false)")
	case "timestamp with time zone", "timestamp without time zone":
		all = append(all, "coalesce(t."+q+", now()) + interval '1 second'")
	case "date":
		all = append(all, "coalesce(t."+q+", current_date) + 1")
	case "uuid":
		all = append(all, "gen_random_uuid()")
	}
	return all
}

// change makes a change at a savepoint and compares. A change that the host's constraints refuse is not made. seen says that a
// view showed it.
func (p *proof) change(ctx context.Context, s *source, what string, do func() (int64, error)) (did, seen bool, err error) {
	err = atSavepoint(ctx, p.tx, func() error {
		n, err := do()
		if did = err == nil && n > 0; !did {
			return errRollback // a constraint of the host forbids it
		}
		if seen, err = p.compare(ctx, s, what, p.before); err != nil {
			return err
		}
		return errRollback
	})
	var pg *pgconn.PgError
	switch {
	case errors.Is(err, errRollback):
		return did, seen, nil
	case errors.As(err, &pg) && p.broken[s.label()]:
		return did, false, nil
	case errors.As(err, &pg):
		p.broken[s.label()] = true
		p.report.add("changes", Warning, "write the view so that no value of the host can break it",
			"%s: after %s of %s the views cannot be read: %s", p.mapping.Name, what, s.label(), pg.Message)
		return did, false, nil
	}
	return did, seen, err
}

// compare says what was not announced as the views show it.
func (p *proof) compare(ctx context.Context, s *source, what string, before map[string]fact) (seen bool, err error) {
	after, err := p.facts(ctx)
	if err != nil {
		return false, err
	}
	said, err := p.announced(ctx)
	if err != nil {
		return false, err
	}
	var trouble *string
	if err := p.tx.QueryRow(ctx, `select max(message) from kitchen.trigger_errors`).Scan(&trouble); err != nil {
		return false, err
	}
	if trouble != nil {
		p.wrong(s, "%s of %s: the trigger failed: %s", what, s.label(), *trouble)
		return true, nil
	}
	right := map[string]bool{} // restaurants that had to be woken
	for _, key := range union(before, after) {
		was, is := before[key], after[key]
		if was.Hash == is.Hash && was.Restaurant == is.Restaurant {
			continue
		}
		if !was.Open && !is.Open {
			continue
		}
		seen = true
		f := was
		if f.ID == "" {
			f = is
		}
		for _, restaurant := range []string{was.Restaurant, is.Restaurant} {
			if restaurant != "" {
				right[restaurant] = true
			}
			if restaurant == "" || f.Kind == "user" && was.ID == "" || p.wasTold(said, f, restaurant) {
				continue
			}
			p.wrong(s, "%s of %s changes %s %s, and %s", what, s.label(), f.Kind, f.ID, instead(said, restaurant))
			return seen, nil
		}
	}
	several := slices.ContainsFunc(s.rules, func(r rule) bool { return r.array })
	for _, a := range said {
		restaurant, _ := strings.CutPrefix(a.channel, "kitchen_")
		if a.Type == "queue_changed" && len(right) > 0 && !right[restaurant] && !several && !p.woken[s.label()] {
			p.woken[s.label()] = true
			p.report.add("changes", Warning, "let the rule give only the restaurant that sees the row", "%s: %s of %s wakes restaurant %s, which sees nothing of it",
				p.mapping.placeOfWatch(s.label()), what, s.label(), restaurant)
		}
	}
	return seen, p.recorded(ctx, s, what, before, after)
}

// recorded checks that order_changes has each order that changed itself, in the restaurant that the view gives.
func (p *proof) recorded(ctx context.Context, s *source, what string, before, after map[string]fact) error {
	if !slices.ContainsFunc(s.rules, func(r rule) bool { return r.orders }) {
		return nil
	}
	rows, err := p.tx.Query(ctx, `select v.order_id::text, v.restaurant_id::text from kitchen.order_versions v where v.version > 0`)
	if err != nil {
		return err
	}
	recorded := map[string]string{}
	var id, restaurant string
	if _, err := pgx.ForEachRow(rows, []any{&id, &restaurant}, func() error { recorded[id] = restaurant; return nil }); err != nil {
		return err
	}
	for key, is := range after {
		if was := before[key]; is.Kind == "order" && was.ID != "" && was.Restaurant != is.Restaurant && recorded[is.ID] != is.Restaurant {
			p.wrong(s, "%s of %s moves order %s to restaurant %s, and kitchen.order_versions says %q", what, s.label(), is.ID, is.Restaurant, recorded[is.ID])
			return nil
		}
	}
	return nil
}

func union(a, b map[string]fact) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func (p *proof) wasTold(said []announced, f fact, restaurant string) bool {
	return slices.ContainsFunc(said, func(a announced) bool {
		switch {
		case f.Kind == "user":
			return a.Type == "users_changed" || a.UserID == f.ID
		case a.channel != "kitchen_"+restaurant:
			return false
		}
		return a.Type == "queue_changed" || f.Kind == "order" && a.OrderID == f.ID
	})
}

// instead tells what was announced, for whoever must find the mistake.
func instead(said []announced, restaurant string) string {
	if len(said) == 0 {
		return "nothing was announced to restaurant " + restaurant
	}
	words := make([]string, 0, 3)
	for _, a := range said[:min(3, len(said))] {
		words = append(words, strings.TrimSpace(a.Type+" "+a.OrderID+a.UserID)+" on "+a.channel)
	}
	return "restaurant " + restaurant + " is not told of it, but announced was: " + strings.Join(words, ", ")
}

func (p *proof) wrong(s *source, means string, args ...any) {
	place := p.mapping.placeOfWatch(s.label())
	text := place + ": " + fmt.Sprintf(means, args...)
	if p.report.has(s.label()) {
		return // one example is enough
	}
	p.report.add("changes", Wrong, "the rule of "+s.label()+" in kitchen.watch must give the order, or the restaurant, that sees its rows", "%s", text)
}

// deleteAndInsert deletes a row, and makes it again as in another transaction.
func (p *proof) deleteAndInsert(ctx context.Context, s *source, at place) (tried, showed int, err error) {
	err = atSavepoint(ctx, p.tx, func() error {
		var row string
		err := p.tx.QueryRow(ctx, fmt.Sprintf(`select to_jsonb(t)::text from %s t where t.ctid = $1::tid and t.tableoid = $2`, s.table()), at.CTID, at.Table).Scan(&row)
		if err != nil {
			return err
		}
		for i, do := range []func() (int64, error){
			func() (int64, error) {
				tag, err := p.tx.Exec(ctx, fmt.Sprintf(`delete from %s t where t.ctid = $1::tid and t.tableoid = $2`, s.table()), at.CTID, at.Table)
				return tag.RowsAffected(), err
			},
			func() (int64, error) {
				tag, err := p.tx.Exec(ctx, fmt.Sprintf(`insert into %s overriding system value select * from jsonb_populate_record(null::%[1]s, $1::jsonb)`, s.table()), row)
				return tag.RowsAffected(), err
			},
		} {
			if _, err := p.tx.Exec(ctx, `delete from kitchen.order_changes where xact = pg_current_xact_id()::text::bigint and version > 0`); err != nil {
				return err
			}
			if _, err := p.tx.Exec(ctx, `delete from kitchen.collected`); err != nil {
				return err
			}
			before, err := p.facts(ctx)
			if err != nil {
				return err
			}
			if n, err := do(); err != nil || n == 0 {
				return errors.Join(err, errRollback)
			}
			tried++
			seen, err := p.compare(ctx, s, []string{"deleting a row", "inserting a row"}[i], before)
			if err != nil {
				return err
			}
			if seen {
				showed++
			}
		}
		return errRollback
	})
	var pg *pgconn.PgError
	if errors.Is(err, errRollback) || errors.As(err, &pg) {
		err = nil // constraints of the host forbid it
	}
	return tried, showed, err
}

// tryStatus lets kitchen.set_status move an open order on.
func (p *proof) tryStatus(ctx context.Context) error {
	if p.model.setStatus == "" {
		p.report.add("set_status", OK, "", "%s has no function kitchen.set_status(<order key>, text): displays only show", p.mapping.Name)
		return nil
	}
	err := atSavepoint(ctx, p.tx, func() error {
		for _, status := range []string{"preparing", "ready", "completed"} {
			var id, is, want string
			err := p.tx.QueryRow(ctx, `select o.id::text, $1 from kitchen.orders o where o.open and o.status <> $1 order by o.created_at desc limit 1`, status).Scan(&id, &want)
			if errors.Is(err, pgx.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			if _, err := p.tx.Exec(ctx, fmt.Sprintf(`select kitchen.set_status(%s::kitchen.order_key, %s)`, literal(id), literal(status))); err != nil {
				return err
			}
			if err := p.tx.QueryRow(ctx, `select coalesce((select o.status from kitchen.orders o where o.id::text = $1), 'gone')`, id).Scan(&is); err != nil {
				return err
			}
			if is != want {
				return &RefusedError{"", fmt.Sprintf("kitchen.set_status(%s, '%s') leaves the order %s", id, want, is), ""}
			}
		}
		return errRollback
	})
	switch {
	case errors.Is(err, errRollback):
		p.report.add("set_status", OK, "", "kitchen.set_status moves an order on, and the view shows it")
		return nil
	default:
		r := refused(err, p.mapping.placeOf("set_status"), "kitchen.set_status")
		p.report.add("set_status", Wrong, "let it set the host's word for each of the five statuses", "%s: %s", p.mapping.placeOf("set_status"), r.Error())
		return nil
	}
}
