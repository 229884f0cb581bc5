package attach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// errSeveralRows says that a change which was tried gave an order a second row, and so perhaps a second restaurant. A host that
// keeps its orders whole does not make such a change.
var errSeveralRows = errors.New("an order has several rows")

// fact is a row of the views, reduced to what matters for announcements.
type fact struct {
	Kind, ID, Restaurant, Hash string
	Open                       bool // an order that no display shows need not be announced when it goes
}

// facts reads from the views the chosen orders, and those that were announced since.
func (p *proof) facts(ctx context.Context) (map[string]fact, error) {
	rows, err := p.tx.Query(ctx, `
		with sampled as materialized (
		  select array(select unnest($1::text[]::kitchen.order_key[]) union select c.order_id from kitchen.order_changes c where c.version > 0) as ids
		), o as materialized (
		  select o.id, o.restaurant_id, o.open is true as open, o::text as content from sampled cross join lateral (select * from kitchen.orders o where o.id = any (sampled.ids)) o
		), l as materialized (
		  select l.order_id, l.id, l::text as content from sampled cross join lateral (select * from kitchen.lines l where l.order_id = any (sampled.ids)) l
		), lines as materialized ( -- all orders' at once: to look in l for each order would cost the square of their number
		  select l.order_id, string_agg(l.content, '' order by l.content) as content from l group by 1
		), modifiers as materialized (
		  select l.order_id, string_agg(x::text, '' order by x::text) as content from l join kitchen.modifiers x on x.line_id = l.id group by 1
		)
		select 'order', o.id::text, o.restaurant_id::text, md5(o.content || coalesce(lines.content, '') || coalesce(modifiers.content, '')), o.open
		  from o left join lines on lines.order_id = o.id left join modifiers on modifiers.order_id = o.id
		 where o.restaurant_id is not null
		union all
		select 'restaurant', r.id::text, r.id::text, md5(r::text), true from (select * from kitchen.restaurants where id is not null limit 2000) r
		union all
		select k.kind, u.id::text, u.restaurant_id::text, k.hash, true
		  from (select * from kitchen.users where id is not null and restaurant_id is not null limit 2000) u
		 cross join lateral (values ('user', format('%s %s', u.role, u.is_active)), ('name', md5(coalesce(u.name, '')))) k (kind, hash)`, p.orders)
	if err != nil {
		return nil, err
	}
	facts := map[string]fact{}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[fact])
	for _, f := range all {
		key := f.Kind + " " + f.ID
		if _, twice := facts[key]; twice && f.Kind == "order" {
			return nil, errSeveralRows
		}
		if f.Kind == "user" || f.Kind == "name" {
			key += " " + f.Restaurant
		}
		facts[key] = f
	}
	return facts, err
}

// announced is one announcement by a trigger.
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

// compare reports changes that the views show and that were not announced so.
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
	queues := slices.ContainsFunc(s.rules, func(r rule) bool { return !r.orders })
	right := map[string]bool{} // restaurants that had to be woken
	for _, key := range union(before, after) {
		was, is := before[key], after[key]
		if was.Hash == is.Hash && was.Restaurant == is.Restaurant {
			continue
		}
		if !was.Open && !is.Open {
			continue
		}
		f := was
		if f.ID == "" {
			f = is
		}
		if f.Kind == "name" && (was.ID == "" || is.ID == "" || !queues || len(s.named) == 0) {
			continue // a user who comes or goes shows in no order; and where the rule gives orders, these are announced
		}
		seen = true
		for _, restaurant := range []string{was.Restaurant, is.Restaurant} {
			if restaurant != "" {
				right[restaurant] = true
			}
			if restaurant == "" || f.Kind == "user" && was.ID == "" || p.wasAnnounced(said, f, restaurant) {
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

func (p *proof) wasAnnounced(said []announced, f fact, restaurant string) bool {
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

// instead says what was announced in place of what was missing, to help find the mistake.
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
	if p.failed[s.label()] {
		return // one example is enough
	}
	p.failed[s.label()] = true
	p.report.add("changes", Wrong, "the rule of "+s.label()+" in kitchen.watch must give the order, or the restaurant, that sees its rows", "%s", text)
}
