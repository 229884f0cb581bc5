package attach

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

var (
	madeFunction = regexp.MustCompile(`(?m)^create function kitchen\.(\w+)\(`)
	madeRelation = regexp.MustCompile(`(?m)^create (?:unlogged )?(?:table|view|sequence) kitchen\.(\w+)`)
	madeTable    = regexp.MustCompile(`(?ms)^create (?:unlogged )?table kitchen\.(\w+) \(\n(.*?)^\)`)
	madeColumn   = regexp.MustCompile(`(?m)^  (\w+) +[\w."]`)
	dropped      = regexp.MustCompile(`(?m)^drop (?:function|table|view|sequence) (?:if exists )?kitchen\.(\w+)`)
	notAColumn   = []string{"constraint", "primary", "unique", "check", "foreign", "exclude", "like"}
)

// madeBy returns the names of what SQL of the generator makes in the schema kitchen: functions, relations, and columns as table.column.
func madeBy(sql string) (functions, relations, columns []string) {
	names := func(of *regexp.Regexp) (all []string) {
		for _, m := range of.FindAllStringSubmatch(sql, -1) {
			all = append(all, m[1])
		}
		return all
	}
	not := names(dropped)
	isDropped := func(name string) bool { return slices.Contains(not, name) }
	for _, table := range madeTable.FindAllStringSubmatch(sql, -1) {
		for _, column := range madeColumn.FindAllStringSubmatch(table[2], -1) {
			if !slices.Contains(notAColumn, column[1]) && !isDropped(table[1]) {
				columns = append(columns, table[1]+"."+column[1])
			}
		}
	}
	return slices.DeleteFunc(names(madeFunction), isDropped), slices.DeleteFunc(names(madeRelation), isDropped), columns
}

// checkMade looks whether everything that was made in the schema kitchen is there.
func (g generator) checkMade(ctx context.Context, tx pgx.Tx, report *Report) error {
	functions, relations, columns := madeBy(g.frame() + "\n" + g.over())
	var missing []string
	err := tx.QueryRow(ctx, `
		select array(
		  select distinct 'the function ' || f from unnest($1::text[]) f
		   where not exists (select from pg_catalog.pg_proc p where p.pronamespace = 'kitchen'::regnamespace and p.proname = f)
		  union all
		  select distinct 'the relation ' || r from unnest($2::text[]) r where to_regclass('kitchen.' || r) is null
		  union all
		  select distinct 'the column ' || c from unnest($3::text[]) c
		   where to_regclass('kitchen.' || split_part(c, '.', 1)) is not null
		     and not exists (select from pg_catalog.pg_attribute a where a.attrelid = to_regclass('kitchen.' || split_part(c, '.', 1))
		                      and a.attname = split_part(c, '.', 2) and not a.attisdropped)
		  order by 1)`, functions, relations, columns).Scan(&missing)
	if err != nil {
		return fmt.Errorf("look what the schema kitchen has: %w", err)
	}
	if more := len(missing) - 6; more > 0 {
		missing = append(missing[:6], fmt.Sprintf("%d more", more))
	}
	if len(missing) > 0 {
		report.add("mapping", Wrong, mendAttach, "the schema kitchen lacks %s: somebody has dropped it, or it is of another version of this program", strings.Join(missing, ", "))
	}
	return nil
}
