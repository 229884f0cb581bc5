package attach_test

import (
	"bytes"
	"fmt"
	"strings"
)

// copiesAndMerges takes rows of a table away and brings them back, by DELETE and COPY, and by MERGE, which PostgreSQL has since 15. Each
// time one order of a restaurant is told of: "1 order_updated 7", or what becomes of it. What else refers to the rows is not looked at.
func (h *host) copiesAndMerges(table, where, gone, back string) {
	h.Helper()
	columns := h.one(`select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
		where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`, table)
	announces := func(what, want string) {
		h.Helper()
		if received := h.received(); len(received) != 1 || !strings.HasPrefix(received[0], want) {
			h.Errorf("%s: announced %q, want %q", what, received, want)
		}
	}
	// Foreign keys rest in this mode; the kitchen's triggers do not.
	h.exec(fmt.Sprintf(`set session_replication_role = replica; create temp table kept as select %s from %s where %s`, columns, table, where))
	defer h.exec(`drop table kept; reset session_replication_role`)

	var rows bytes.Buffer
	if _, err := h.conn.PgConn().CopyTo(h.Context(), &rows, `copy kept to stdout`); err != nil || rows.Len() == 0 {
		h.Fatalf("%d bytes of %s where %s: %v", rows.Len(), table, where, err)
	}
	h.exec(fmt.Sprintf(`delete from %s where %s`, table, where))
	announces("delete", gone)
	if _, err := h.conn.PgConn().CopyFrom(h.Context(), &rows, fmt.Sprintf(`copy %s (%s) from stdin`, table, columns)); err != nil {
		h.Fatal(err)
	}
	announces("copy", back)

	if h.one(`select (current_setting('server_version_num')::int >= 150000)::text`) == "false" {
		return
	}
	h.exec(fmt.Sprintf(`merge into %s using (values (1)) one on %s when matched then delete`, table, where))
	announces("merge that deletes", gone)
	var of []string
	for c := range strings.SplitSeq(columns, ", ") {
		of = append(of, "kept."+c)
	}
	h.exec(fmt.Sprintf(`merge into %s using kept on false when not matched then insert (%s) values (%s)`, table, columns, strings.Join(of, ", ")))
	announces("merge that inserts", back)
}
