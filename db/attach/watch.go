package attach

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"

	"kitchen/db/attach/sqltext"
)

// watch is the trigger function of a table, and its triggers.
func (g generator) watch(i int) string {
	s := g.sources[i]
	data := struct {
		generator
		Table, Why, Function  string
		Behind                string // orders, users, or both
		Orders, Queues, Users *fragments
		One                   *one
		OfOrders              bool
		Over                  *over
		Holds                 bool // orders or lines: with its rows some are gone
		Follow                bool // statuses, lines or modifiers depend on it, and a display may set them
		Targets               []string
		Columns               string // SQL of their names
		Literal               func(string) string
	}{generator: g, Literal: sqltext.Literal, Table: s.label(), Function: g.functionName(i), OfOrders: s.behind["orders"], Over: s.over, Holds: s.behind["orders"] || s.behind["lines"], Targets: s.targets,
		Follow: g.Moves() && (s.behind["orders"] || s.behind["lines"] || s.behind["modifiers"])}
	data.Columns = s.names()
	data.Behind = "orders"
	if s.behind["users"] {
		data.Behind = "both"
		if len(s.behind) == 1 {
			data.Behind = "users"
		}
	}
	var orders, queues []rule
	var why []string
	for _, r := range s.rules {
		if r.orders {
			orders = append(orders, r)
			why = append(why, "orders: "+r.text)
		} else {
			queues = append(queues, r)
			why = append(why, "restaurants: "+r.text)
		}
	}
	data.Why = strings.Join(strings.Fields(strings.Join(why, "; ")), " ")
	data.Orders = s.fragments(orders, "kitchen.order_key", s.seen)
	switch {
	case data.Behind != "users":
		data.Queues = s.fragments(queues, "kitchen.restaurant_key", s.wakes())
	case len(s.named) > 0: // for other columns, the channel kitchen_users is enough
		if data.Queues = s.fragments(queues, "kitchen.restaurant_key", s.named); data.Queues != nil {
			data.Queues.Inserted, data.Queues.Deleted = "'{}'", "'{}'"
		}
	}
	if s.behind["users"] {
		user := s.userKey
		if user == "" {
			user = "'*'::text" // everybody
		}
		data.Users = s.fragments([]rule{{sql: user}}, "text", s.rights)
		if s.isUsers() {
			data.Users.Inserted = "'{}'" // a new user has no display yet
		}
	}
	if data.Queues == nil && data.Users == nil {
		if data.One = s.one(orders, g.seenName(i)); data.One != nil {
			data.One.generator, data.One.OfOrders, data.One.Follow, data.One.Restaurant = g, data.OfOrders, data.Follow, g.restaurant()
		}
	}
	return g.render("watch.sql", data)
}

// restaurant is the query of the restaurant of an order, into a variable: in the orders' own table where that says it, because a view takes
// locks of its own.
func (g generator) restaurant() string {
	for _, s := range g.sources {
		if s.over != nil && s.over.plain() {
			return fmt.Sprintf("select %s into restaurant from %s as %s where %s = watched_order;", s.over.restaurant, s.table(), s.over.alias, s.over.id)
		}
	}
	return "select v.restaurant_id into restaurant from kitchen.orders v where v.id = watched_order;"
}

// wakes are the columns in which a change is announced to kitchens.
func (s *source) wakes() map[string]bool {
	set := maps.Clone(s.seen)
	maps.Copy(set, s.named)
	return set
}

// names returns SQL for the names of all columns that matter.
func (s *source) names() string {
	all := []string{}
	for _, c := range s.all {
		if s.seen[c.name] || s.rights[c.name] {
			all = append(all, sqltext.Literal(c.name))
		}
	}
	return "array[" + strings.Join(all, ", ") + "]::name[]"
}

// isUsers reports whether the table is the one whose rows are the users.
func (s *source) isUsers() bool {
	return s.userKey != "" && len(s.key) == 1 && s.userKey == sqltext.Quote(s.key[0])
}

// seenName is the name of the type that holds what kitchens see of a row.
func (g generator) seenName(i int) string {
	return "seen_" + strings.TrimPrefix(g.functionName(i), "watch_")
}

// functionName is unique among the sources, and fits into PostgreSQL's 63 bytes.
func (g generator) functionName(i int) string {
	plain := func(s *source) string {
		name := "watch_" + strings.ReplaceAll(s.label(), ".", "_")
		safe := strings.Map(func(r rune) rune {
			if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
				return r
			}
			return '_'
		}, strings.ToLower(name))
		return safe[:min(len(safe), 54)]
	}
	name := plain(g.sources[i])
	taken := name == "watch_truncate" || name == "watch_settings"
	for j, other := range g.sources {
		taken = taken || j != i && plain(other) == name
	}
	if taken {
		sum := sha256.Sum256([]byte(g.sources[i].table()))
		name += "_" + hex.EncodeToString(sum[:4])
	}
	return name
}
