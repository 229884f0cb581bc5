package sqltext

import "strings"

// Conjuncts splits a condition, as PostgreSQL prints it in a plan, at its outermost AND.
func Conjuncts(filter string) (all []string) {
	if !strings.HasPrefix(filter, "((") {
		return []string{filter}
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(filter, "("), ")")
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

// WithoutOuter removes the parentheses around a whole expression.
func WithoutOuter(sql string) string {
	for strings.HasPrefix(sql, "(") && strings.HasSuffix(sql, ")") {
		depth := 0
		for i, c := range sql {
			switch c {
			case '(':
				depth++
			case ')':
				depth--
			}
			if depth == 0 && i < len(sql)-1 {
				return sql
			}
		}
		sql = sql[1 : len(sql)-1]
	}
	return sql
}
