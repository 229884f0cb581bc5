package examine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// OtherFunctions returns, in the words of [DB.CheckTriggers], which functions are missing or differ from their text in texts. Comments and
// spaces do not count. For a function that is one SQL expression the text is the statement that creates it: servers of different versions
// print it differently, so the function is created for a moment as a temporary object, and compared.
func (e *Examination) OtherFunctions(ctx context.Context, texts map[string]string) (amiss []string, err error) {
	tx, err := e.Pool().Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("look at the functions: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback(ctx)) }() // nothing is to stay
	var names, bodies []string
	for name, text := range texts {
		if strings.HasPrefix(text, "create or replace function ") {
			temporary := strings.Replace(text, name+"(", "pg_temp."+name[strings.LastIndex(name, ".")+1:]+"(", 1)
			if _, err := tx.Exec(ctx, temporary, pgx.QueryExecModeSimpleProtocol); err != nil {
				return nil, fmt.Errorf("compare the function %s: %w", name, err)
			}
			text = "" // the server keeps no text of such a function
		}
		names, bodies = append(names, name), append(bodies, text)
	}
	rows, err := tx.Query(ctx, `
		select 'function ' || want.name || case when to_regproc(want.name) is null then ' is missing' else ' is another one than the migrations made' end
		  from unnest($1::text[], $2::text[]) want(name, body)
		  left join pg_catalog.pg_proc p on p.oid = to_regproc(want.name)
		  left join pg_catalog.pg_proc same on same.oid = to_regproc('pg_temp.' || split_part(want.name, '.', 2)) and want.body = ''
		 where regexp_replace(regexp_replace(p.prosrc, '--[^\n]*', '', 'g'), '\s+', '', 'g')
		       is distinct from regexp_replace(regexp_replace(want.body, '--[^\n]*', '', 'g'), '\s+', '', 'g')
		    or pg_get_function_sqlbody(p.oid) is distinct from pg_get_function_sqlbody(same.oid)
		 order by want.name`, names, bodies)
	if err != nil {
		return nil, fmt.Errorf("look at the functions: %w", err)
	}
	amiss, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look at the functions: %w", err)
	}
	return amiss, nil
}

// MissingColumns returns which columns ("schema.table.column") are missing: a function or a program that names one fails. Where a table
// lacks one column and has one that is unknown, it says that the column was renamed.
func (e *Examination) MissingColumns(ctx context.Context, columns []string) ([]Obstacle, error) {
	rows, err := e.Pool().Query(ctx, `
		with want as (select to_regclass(split_part(w, '.', 1) || '.' || split_part(w, '.', 2)) as relation, w as name, split_part(w, '.', 3) as is
		                from unnest($1::text[]) w),
		     lacks as (select * from want where not exists (
		                 select from pg_catalog.pg_attribute a where a.attrelid = want.relation and a.attname = want.is and not a.attisdropped)),
		     more as (select a.attrelid, min(a.attname) as is from pg_catalog.pg_attribute a
		               where a.attrelid in (select relation from lacks) and a.attnum > 0 and not a.attisdropped
		                 and not exists (select from want w where w.relation = a.attrelid and w.is = a.attname)
		               group by a.attrelid having count(*) = 1)
		select 'the column ' || l.name || ' is missing',
		       case when m.is is null or (select count(*) from lacks o where o.relation = l.relation) > 1 then 'restore the column ' || l.name || ' from a backup, with its type'
		            else format('alter table %s rename column %I to %I', l.relation, m.is, l.is) end
		  from lacks l left join more m on m.attrelid = l.relation order by l.name`, columns)
	if err != nil {
		return nil, fmt.Errorf("look at the columns: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Obstacle])
	if err != nil {
		return nil, fmt.Errorf("look at the columns: %w", err)
	}
	return all, nil
}
