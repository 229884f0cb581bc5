package db

import (
	"context"
	"fmt"
	"slices"

	"kitchen/db/order"
	"kitchen/db/pool"
)

// readKeys reads the types of the key domains from the catalog. Where there is no schema kitchen yet, keys are uuids.
func readKeys(ctx context.Context, p *pool.Pool) (*order.Keys, error) {
	k := &order.Keys{}
	err := p.QueryRow(ctx, `
		select coalesce(min(t.type) filter (where t.name = 'restaurant_key'), 'uuid'), coalesce(min(t.type) filter (where t.name = 'order_key'), 'uuid'),
		       coalesce(min(t.type) filter (where t.name = 'line_key'), 'uuid'), coalesce(min(t.type) filter (where t.name = 'user_key'), 'uuid')
		  from (select t.typname::text as name, format_type(t.typbasetype, null) as type from pg_catalog.pg_type t
		         where t.typnamespace = to_regnamespace('kitchen') and t.typtype = 'd') t`).
		Scan(&k.Restaurant, &k.Order, &k.Line, &k.User)
	if err != nil {
		return nil, fmt.Errorf("read the types of keys: %w", err)
	}
	for _, t := range []*order.KeyType{&k.Restaurant, &k.Order, &k.Line, &k.User} {
		if *t == "character varying" {
			*t = order.Text
		}
		if !slices.Contains([]order.KeyType{order.UUID, order.SmallInt, order.Integer, order.BigInt, order.Text}, *t) {
			return nil, fmt.Errorf("the keys of this database are of the type %s: run `kitchen attach check` with its mapping", *t)
		}
	}
	return k, nil
}

// readKeysAgain takes over the types of keys that another mapping has brought, such as bigint for integer. Without a schema kitchen, as
// between down and up, they stay what they were.
func (db *DB) readKeysAgain(ctx context.Context) error {
	var there bool
	if err := db.pool.QueryRow(ctx, `select to_regtype('kitchen.order_key') is not null`).Scan(&there); err != nil || !there {
		return err
	}
	keys, err := readKeys(ctx, db.pool)
	if err == nil {
		db.keys.Store(keys)
	}
	return err
}

// Keys are the types of the database's keys, as they were when it was opened or [DB.CheckTriggers] last looked.
func (db *DB) Keys() order.Keys { return *db.keys.Load() }

// possible leaves out the ids that no row can have: of another type, or in another spelling than the one that is read.
func possible[T ~string](ids []T, key order.KeyType) []T {
	return slices.DeleteFunc(slices.Clone(ids), func(id T) bool { return !isKey(id, key) })
}

func isKey[T ~string](id T, key order.KeyType) bool {
	s, err := key.Parse(string(id))
	return err == nil && s == string(id)
}

// texts is ids as strings, which the driver knows how to send in every mode that an address may ask for.
func texts[T ~string](ids []T) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}
