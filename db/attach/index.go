package attach

import (
	"context"
	"kitchen/db/attach/sqltext"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// servedByIndex reports whether an index begins with a column by which the table is joined, as the column stands: an index
// cannot serve a column that is cast.
func servedByIndex(ctx context.Context, tx pgx.Tx, n planNode, joins string) (served bool, err error) {
	var columns []string
	for _, m := range ownColumns(n, joins) {
		columns = append(columns, strings.ReplaceAll(strings.Trim(m, `"`), `""`, `"`))
	}
	err = tx.QueryRow(ctx, `
		select exists (select from pg_catalog.pg_index i join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
		                where i.indrelid = $1::regclass and i.indisvalid and i.indpred is null and a.attname = any ($2))`,
		pgx.Identifier{n.Schema, n.Table}.Sanitize(), columns).Scan(&served)
	return served, err
}

// ownColumns are the table's columns that are compared in the joins of a plan, as PostgreSQL prints them.
func ownColumns(n planNode, joins string) (columns []string) {
	own := regexp.MustCompile(`(?:^|[^\w"])"?` + regexp.QuoteMeta(n.Alias) + `"?\.("(?:[^"]|"")+"|\w+)( =|\))`)
	for _, m := range own.FindAllStringSubmatchIndex(joins, -1) {
		if !strings.HasPrefix(joins[m[5]-1:], ")::") {
			columns = append(columns, joins[m[2]:m[3]])
		}
	}
	return columns
}

// indexFor names the columns of the missing index, from the column that the view's key is or from the conditions of the plan.
func indexFor(n planNode, joins, key string, partial bool) string {
	var rest []string
	for _, c := range conjuncts(n.Filter) {
		if c == "" {
			continue
		}
		if m := regexp.MustCompile(`^\(*(?:"?` + regexp.QuoteMeta(n.Alias) + `"?\.)?("[^"]+"|\w+)\)?(?:::[\w ]+)? = `).FindStringSubmatch(c); m != nil && (key == "" || m[1] == key || sqltext.Quote(m[1]) == key) {
			if key == "" {
				key = m[1]
			}
			continue
		}
		if !strings.Contains(c, "SubPlan") && !strings.Contains(c, "$") {
			rest = append(rest, strings.ReplaceAll(c, n.Alias+".", ""))
		}
	}
	if key == "" {
		key = expressionOf(n)
	}
	if key == "" {
		if own := ownColumns(n, joins); len(own) > 0 {
			key = own[0]
		}
	}
	if key == "" {
		return ""
	}
	index := "(" + key + ")"
	if partial && len(rest) > 0 {
		index += " where " + strings.Join(rest, " and ")
	}
	return index
}

// expressionOf is what the table's rows are compared by where that is no column but made of some, as a key that the view puts together.
func expressionOf(n planNode) string {
	own := regexp.MustCompile(`(^|[^\w"."])"?` + regexp.QuoteMeta(n.Alias) + `"?\.`)
	for _, c := range conjuncts(n.Filter) {
		depth, at := 0, -1
		for i := 0; i < len(c) && at < 0; i++ {
			switch {
			case c[i] == '(':
				depth++
			case c[i] == ')':
				depth--
			case depth <= 1 && strings.HasPrefix(c[i:], " = "): // the whole may stand in parentheses
				at = i
			}
		}
		if at < 0 {
			continue
		}
		if depth == 1 {
			c, at = c[1:], at-1
		}
		left := own.ReplaceAllString(c[:at], "$1")
		if strings.Contains(left, "||") && left != c[:at] && !strings.Contains(left, "SubPlan") {
			return left
		}
	}
	return ""
}

// conjuncts takes the conditions of a filter apart, at its outermost AND.
func conjuncts(filter string) (all []string) {
	inner := filter
	if !strings.HasPrefix(filter, "((") {
		return append(all, filter)
	}
	inner = strings.TrimSuffix(strings.TrimPrefix(filter, "("), ")")
	depth, start := 0, 0
	for i := 0; i < len(inner); i++ {
		switch inner[i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 && strings.HasPrefix(inner[i:], " AND ") {
			all = append(all, inner[start:i])
			start = i + len(" AND ")
		}
	}
	return append(all, inner[start:])
}
