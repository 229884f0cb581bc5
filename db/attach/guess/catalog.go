package guess

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// readTables reads the host's tables, without partitions and tables that inherit all their columns, whose rows are part of their parents.
func readTables(ctx context.Context, tx pgx.Tx) ([]*table, error) {
	rows, err := tx.Query(ctx, `
		select n.nspname::text, c.relname::text, array_agg(a.attname::text order by a.attnum),
		       array_agg(case when t.typname = 'citext' then 'citext' else format_type(t.oid, null) end order by a.attnum),
		       array_agg(t.typtype::text order by a.attnum),
		       coalesce((select array_agg(k.attname::text order by k.attnum) from pg_catalog.pg_partitioned_table p
		          join pg_catalog.pg_attribute k on k.attrelid = c.oid and k.attnum = any (p.partattrs::int2[]) where p.partrelid = c.oid), '{}'), c.oid
		  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
		  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		  join pg_catalog.pg_type b on b.oid = a.atttypid join pg_catalog.pg_type t on t.oid = coalesce(nullif(b.typbasetype, 0), b.oid)
		 where c.relkind in ('r', 'p') and not c.relispartition and not exists (select from pg_catalog.pg_inherits i where i.inhrelid = c.oid
		         and not exists (select from pg_catalog.pg_attribute l where l.attrelid = c.oid and l.attnum > 0 and l.attislocal and not l.attisdropped))
		   and n.nspname not in ('pg_catalog', 'information_schema', 'kitchen') and n.nspname not like 'pg\_%'
		 group by n.nspname, c.oid, c.relname order by n.nspname, c.relname`)
	if err != nil {
		return nil, err
	}
	byOID := map[uint32]*table{}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*table, error) {
		t, oid := &table{}, uint32(0)
		err := row.Scan(&t.Schema, &t.Name, &t.Columns, &t.Types, &t.kinds, &t.partitionedBy, &oid)
		byOID[oid] = t
		return t, err
	})
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		for _, other := range all {
			if other != t && singular(other.Name) == singular(t.Name) {
				t.namesakes = append(t.namesakes, other)
			}
		}
	}
	if err := readKeys(ctx, tx, byOID); err != nil {
		return nil, err
	}
	return all, readRefs(ctx, tx, byOID)
}

// readKeys reads a key of each table: the primary key, or else a unique one, of one column rather than of several.
func readKeys(ctx context.Context, tx pgx.Tx, byOID map[uint32]*table) error {
	rows, err := tx.Query(ctx, `
		select i.indrelid, i.indisprimary, array_agg(a.attname::text order by k.n)
		  from pg_catalog.pg_index i cross join lateral unnest(i.indkey::int2[]) with ordinality k (attnum, n)
		  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
		 where i.indisunique and i.indpred is null and i.indexprs is null and k.n <= i.indnkeyatts
		 group by i.indexrelid, i.indrelid, i.indisprimary having bool_and(a.attnotnull) order by i.indisprimary desc, count(*), i.indexrelid`)
	if err != nil {
		return err
	}
	var oid uint32
	var primary bool
	var cols []string
	_, err = pgx.ForEachRow(rows, []any{&oid, &primary, &cols}, func() error {
		if t := byOID[oid]; t != nil && (t.keys == nil || len(t.keys) > 1 && len(cols) == 1) {
			t.keys = slices.Clone(cols)
		}
		return nil
	})
	for _, t := range byOID {
		if t.keyless = t.keys == nil; t.keyless {
			t.keys = []string{t.column("id", t.Columns[0])}
		}
		t.shortenKey()
	}
	return err
}

// shortenKey drops from a key the columns by which the table is partitioned, which each of its keys must hold, if what remains is called
// an id. It also shortens a key of several uuids, which together are too long, to the one that is called an id.
func (t *table) shortenKey() {
	rest := slices.DeleteFunc(slices.Clone(t.keys), func(c string) bool { return slices.Contains(t.partitionedBy, c) })
	if len(t.keys) > 1 && len(rest) == 1 && (t.typeOf(rest[0]) == "uuid" || slices.Contains([]string{"id", flat(singular(t.Name)) + "id"}, flat(rest[0]))) {
		t.keys, t.shortened = rest, true
	}
	if len(t.keys) < 2 || slices.ContainsFunc(t.keys, func(c string) bool { return t.typeOf(c) != "uuid" }) {
		return
	}
	if i := slices.IndexFunc(t.keys, func(c string) bool { return flat(c) == "id" || flat(c) == flat(singular(t.Name))+"id" }); i >= 0 {
		t.droppedKeys = slices.DeleteFunc(slices.Clone(t.keys), func(c string) bool { return c == t.keys[i] })
		t.keys, t.shortened = []string{t.keys[i]}, true
	}
}

func readRefs(ctx context.Context, tx pgx.Tx, byOID map[uint32]*table) error {
	rows, err := tx.Query(ctx, `
		select f.conrelid, f.confrelid, array_agg(a.attname::text order by k.n), array_agg(b.attname::text order by k.n)
		  from pg_catalog.pg_constraint f cross join lateral unnest(f.conkey, f.confkey) with ordinality k (c, p, n)
		  join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.c
		  join pg_catalog.pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.p
		 where f.contype = 'f' group by f.oid, f.conrelid, f.confrelid order by count(*), min(a.attnum), f.oid`)
	if err != nil {
		return err
	}
	var from, to uint32
	var cols, toCols []string
	_, err = pgx.ForEachRow(rows, []any{&from, &to, &cols, &toCols}, func() error {
		t, target := byOID[from], byOID[to]
		if t == nil || target == nil {
			return nil
		}
		r := ref{t, target, slices.Clone(cols), slices.Clone(toCols)}
		r.reorder(target.keys)
		t.refs = append(t.refs, r)
		return nil
	})
	return err
}

// reorder puts the columns in the order of the target's key, and leaves out those that a shortened key lacks.
func (r *ref) reorder(keys []string) {
	var cols, toCols []string
	for _, k := range keys {
		i := slices.Index(r.toCols, k)
		if i < 0 {
			return
		}
		cols, toCols = append(cols, r.cols[i]), append(toCols, k)
	}
	r.cols, r.toCols = cols, toCols
}
