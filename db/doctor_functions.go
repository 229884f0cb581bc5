package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// OtherFunctions returns which functions are missing, or have another text than texts says by their names, in the words of
// [DB.CheckTriggers]. Comments and spaces do not count.
func (e *Examination) OtherFunctions(ctx context.Context, texts map[string]string) ([]string, error) {
	var names, bodies []string
	for name, text := range texts {
		names, bodies = append(names, name), append(bodies, text)
	}
	rows, err := e.pool.Query(ctx, `
		select 'function ' || want.name || case when to_regproc(want.name) is null then ' is missing' else ' is another one than the migrations made' end
		  from unnest($1::text[], $2::text[]) want(name, body)
		  left join pg_catalog.pg_proc p on p.oid = to_regproc(want.name)
		 where regexp_replace(regexp_replace(p.prosrc, '--[^\n]*', '', 'g'), '\s+', '', 'g')
		       is distinct from regexp_replace(regexp_replace(want.body, '--[^\n]*', '', 'g'), '\s+', '', 'g')
		 order by want.name`, names, bodies)
	if err != nil {
		return nil, fmt.Errorf("look at the functions: %w", err)
	}
	amiss, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look at the functions: %w", err)
	}
	return amiss, nil
}
