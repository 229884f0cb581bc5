package attach_test

import (
	"fmt"
	"slices"
	"strings"
)

// made is the word of that name, where it is made from a host's tables, alike for all hosts.
func made(name string) func(w *words, args []string) string {
	switch name {
	case "insert": // an order with its lines, in one statement
		return (*words).insert
	case "copy": // the same, a COPY for each table
		return func(w *words, _ []string) string {
			return w.each(func(i int, p part) string { return fmt.Sprintf(`copy %s (%s) from stdin`, p.table, w.columns[i]) })
		}
	case "merge":
		return (*words).merge
	case "unmerge":
		return func(w *words, args []string) string {
			return w.args(`merge into `+w.of[0].table+` as t using (values (1)) one on t.id = $1 when matched and t.`+w.set()+` then do nothing when matched then delete`, args...)
		}
	case "again": // an order that is there already
		return func(w *words, args []string) string {
			return w.args(fmt.Sprintf(`insert into %s (%s) select %[2]s from %[1]s where id = $1`, w.of[0].table, w.columns[0]), args...)
		}
	case "status":
		return func(w *words, args []string) string {
			return w.args(`update `+w.of[0].table+` set `+w.set()+` where id = $1`, args...)
		}
	case "both":
		return func(w *words, args []string) string {
			return w.args(fmt.Sprintf(`update %s set %s, %q = 'y' where id = $1`, w.of[0].table, w.set(), w.note), args...)
		}
	case "noted":
		return func(w *words, args []string) string { return fmt.Sprintf(`%q = 'y%s'`, w.note, args[0]) }
	case "note":
		return func(w *words, args []string) string {
			return w.args(fmt.Sprintf(`update %s set %q = 'y#2' where id = $1`, w.of[0].table, w.note), args...)
		}
	case "notes":
		return func(w *words, args []string) string {
			return w.args(fmt.Sprintf(`update %s set %q = coalesce(%[2]q, '') || 'y' where id between $1 and $2`, w.of[0].table, w.note), args...)
		}
	case "two":
		return func(w *words, args []string) string {
			return w.args(fmt.Sprintf(`update %s set %q = case when id in ($1, $2) then coalesce(%[2]q, '') || 'y' else %[2]q end where id <> $3`, w.of[0].table, w.note), append(args, "1")...)
		}
	case "same": // nothing, of each table
		return func(w *words, args []string) string {
			return w.each(func(i int, p part) string {
				var all []string
				for c := range strings.SplitSeq(w.columns[i], ", ") {
					all = append(all, c+" = "+c)
				}
				return w.args(`update `+p.table+` set `+strings.Join(all, ", ")+` where `+p.where, args...)
			})
		}
	case "save":
		return (*words).save
	case "delete": // each row by itself, children first
		return func(w *words, args []string) string {
			all := strings.Split(w.each(func(_ int, p part) string { return w.args(`delete from `+p.table+` where `+p.where, args...) }), ";;")
			slices.Reverse(all)
			return strings.Join(all, ";;")
		}
	case "drop": // orders, and what hangs on them goes by itself
		return func(w *words, args []string) string {
			var ids []string
			for _, a := range args {
				ids = append(ids, w.literal(a))
			}
			return `delete from ` + w.of[0].table + ` where id in (` + strings.Join(ids, ", ") + `)`
		}
	case "dropall":
		return func(w *words, args []string) string {
			return w.args(`delete from `+w.of[0].table+` where id between $1 and $2`, args...)
		}
	case "cascades":
		return (*words).cascades
	case "truncate":
		return func(w *words, args []string) string {
			return `truncate ` + map[string]string{"orders": w.of[0].table, "lines": w.line}[args[0]] + ` cascade`
		}
	case "set": // by a display
		return func(w *words, args []string) string {
			return w.args(`select kitchen.set_status($1::kitchen.order_key, '#2')`, args...)
		}
	}
	return nil
}

// each is a statement for each table of an order that has rows.
func (w *words) each(statement func(i int, p part) string) string {
	var all []string
	for i, p := range w.of {
		if w.rows[i] != "[]" {
			all = append(all, statement(i, p))
		}
	}
	return strings.Join(all, ";;")
}

// set is the status that the host gives an order.
func (w *words) set() string { return fmt.Sprintf(`%q = %s`, w.status[0], w.status[1]) }

// from is the rows of a table that order 7 had.
func (w *words) from(i int) string {
	return fmt.Sprintf(`select %s from json_populate_recordset(null::%s, $json$%s$json$)`, w.columns[i], w.of[i].table, w.rows[i])
}

func (w *words) insert([]string) string {
	all := strings.Split(w.each(func(i int, p part) string {
		return fmt.Sprintf(`insert into %s (%s) %s`, p.table, w.columns[i], w.from(i))
	}), ";;")
	with := ""
	for i, s := range all[:len(all)-1] {
		with += map[bool]string{true: "with ", false: ", "}[i == 0] + fmt.Sprintf("part%d as (%s returning 1)", i, s)
	}
	return with + " " + all[len(all)-1]
}

// merge writes an order that is not there with its lines, and gives one that is there another status.
func (w *words) merge(args []string) string {
	return w.each(func(i int, p part) string {
		source, on, matched := w.from(i), "false", ""
		if i == 0 {
			source += w.args(` union all select `+w.columns[i]+` from `+p.table+` where id = $2`, args...)
			on, matched = "t.id = s.id", ` when matched then update set `+w.set()
		}
		var values []string
		for c := range strings.SplitSeq(w.columns[i], ", ") {
			values = append(values, "s."+c)
		}
		return fmt.Sprintf(`merge into %s as t using (%s) s on %s%s when not matched then insert (%s) values (%s)`, p.table, source, on, matched, w.columns[i], strings.Join(values, ", "))
	})
}

// save reads the rows of an order, and writes each back whole, as literals; where args say so, with another status.
func (w *words) save(args []string) string {
	return w.each(func(i int, p part) string {
		var set []string
		for c := range strings.SplitSeq(w.columns[i], ", ") {
			value := `quote_nullable(` + c + `::text)`
			if i == 0 && len(args) > 1 && strings.Trim(c, `"`) == w.status[0] {
				value = `$value$` + w.status[1] + `$value$`
			}
			set = append(set, `'`+c+` = ' || `+value)
		}
		return w.readOther(w.args(`
			select string_agg('update `+p.table+` set ' || concat_ws(', ', `+strings.Join(set, ", ")+`) || ' where ' ||
			    (select string_agg(format('%I = %L', a.attname, to_jsonb(r) ->> a.attname), ' and ') from pg_index x join pg_attribute a on a.attrelid = x.indrelid and a.attnum = any (x.indkey)
			      where x.indrelid = '`+p.table+`'::regclass and x.indisprimary), ';;')
			  from `+p.table+` r where `+p.where, args[0]))
	})
}

func (w *words) readOther(sql string) (answer string) {
	w.Helper()
	if err := w.other.QueryRow(w.Context(), sql).Scan(&answer); err != nil {
		w.Fatalf("%s: %v", sql, err)
	}
	return answer
}

// cascades makes the foreign keys between an order's tables delete what refers to what goes.
func (w *words) cascades([]string) string {
	var names []string
	for _, p := range w.of {
		names = append(names, `'`+p.table+`'::regclass`)
	}
	return fmt.Sprintf(`do $$ declare s text; begin
		for s in select format('alter table %%s drop constraint %%I, add %%s on delete cascade', conrelid::regclass, conname, substring(pg_get_constraintdef(oid) from '^FOREIGN KEY \([^)]*\) REFERENCES [^(]*\([^)]*\)'))
		           from pg_constraint where contype = 'f' and confdeltype = 'a' and conrelid in (%s) and confrelid in (%[1]s) loop
		  execute s;
		end loop; end $$`, strings.Join(names, ", "))
}
