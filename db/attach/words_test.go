package attach_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest"
)

// tables is a host's way to write orders: what the table of promises needs to be tried on it.
type tables struct {
	name   string            // of the template, or "our own"
	key    string            // how the number of a row is written as a key
	a, b   string            // the keys of restaurants A and B
	fill   string            // rows that are there at first, where the template's own are not enough
	of     []part            // what an order consists of, parents first
	line   string            // the table of lines
	status [2]string         // a column of the orders' table and a value that gives an order another status
	note   string            // a column of the orders' table that holds text which a kitchen sees
	seen   map[string]string // each column of the orders' table that a view reads, with another value
	keys   []string          // but for these, which say whose order it is
	say    map[string]string // statements; $1 is the first argument as a key, #1 as it stands, $A and $B are the restaurants
	cannot map[string]string // words that the host has no statement for, with the reason

	promises int // how many rows of the table apply
}

// part is a table with rows of an order, and the condition that finds those of order $1.
type part struct{ table, where string }

// words are a host's tables, attached, and what is made from them.
type words struct {
	*host
	tables
	other   *pgx.Conn // reads what an ORM reads before it writes it back
	major   int       // of the server
	columns []string  // of each part, as a list
	rows    []string  // of each part, those of an order 7 of B with lines 70 and 71, as JSON
	copied  map[string]string
}

func (f tables) attach(t *testing.T) *words {
	t.Helper()
	w := &words{tables: f, copied: map[string]string{}}
	if f.name == own {
		w.host = &host{T: t, url: dbtest.New(t)}
		w.conn, w.ear = w.connect(), w.connect()
		w.exec(f.fill)
		w.listen()
	} else {
		w.host = fixture(t, f.name)
		w.exec(f.fill)
		w.up(mapping(t, f.name))
	}
	w.other = w.connect()
	w.major, _ = strconv.Atoi(w.one(`select (current_setting('server_version_num')::int / 10000)::text`))
	w.run(`begin;; set local kitchen.notify = off;; {order 7 B};; {line 70 7};; {line 71 7}`)
	if f.cannot["modifier"] == "" {
		w.run(`{modifier 700 70}`)
	}
	for i, p := range f.of {
		w.columns = append(w.columns, w.one(`select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
			where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = ''`, p.table))
		rows := `select ` + w.columns[i] + ` from ` + p.table + ` where ` + w.args(p.where, "7")
		w.rows = append(w.rows, w.one(`select coalesce(json_agg(r)::text, '[]') from (`+rows+`) r`))
		var text bytes.Buffer
		if _, err := w.conn.PgConn().CopyTo(t.Context(), &text, `copy (`+rows+`) to stdout`); err != nil {
			t.Fatal(err)
		}
		w.copied[fmt.Sprintf(`copy %s (%s) from stdin`, p.table, w.columns[i])] = text.String()
	}
	w.run(`rollback`)
	return w
}

// reset leaves order 1 of A with its lines and modifier, in version 1, and nothing else.
func (w *words) reset() {
	w.Helper()
	script := `set kitchen.notify = off;; set session_replication_role = replica`
	for i := range w.of {
		script += `;; delete from ` + w.of[len(w.of)-1-i].table
	}
	for _, table := range []string{"kitchen.progress", "kitchen.recalls"} { // of mappings
		if w.one(`select coalesce(to_regclass($1)::text, '')`, table) != "" {
			script += `;; delete from ` + table
		}
	}
	script += `;; delete from kitchen.settings;; delete from kitchen.order_changes;; reset session_replication_role;; begin;; {order 1 A};; {line 10 1};; {line 11 1}`
	if w.cannot["modifier"] == "" {
		script += `;; {modifier 100 10}`
	}
	w.run(script + `;; commit;; reset kitchen.notify`)
	if received := w.received(); len(received) > 0 {
		w.Fatalf("silence was broken: %q", received)
	}
}

var word = regexp.MustCompile(`\{(\w+(?: \w+)*)\}`)

// run says each word in the host's own statements, and sends what ;; ends at once.
func (w *words) run(script string) {
	w.Helper()
	for sent := range strings.SplitSeq(script, ";;") {
		all := word.ReplaceAllStringFunc(sent, func(s string) string { return w.sayWord(strings.Fields(s[1 : len(s)-1])) })
		for statement := range strings.SplitSeq(all, ";;") {
			statement = strings.TrimSpace(statement)
			if text, isCopy := w.copied[statement]; isCopy {
				if _, err := w.conn.PgConn().CopyFrom(w.Context(), strings.NewReader(text), statement); err != nil {
					w.Fatalf("%s: %v", statement, err)
				}
				continue
			}
			w.exec(statement)
		}
	}
}

// missing is the first word of a script that the host has no statement for.
func (f tables) missing(script string) string {
	for _, m := range word.FindAllStringSubmatch(script, -1) {
		name, _, _ := strings.Cut(m[1], " ")
		if _, known := f.say[name]; !known && made(name) == nil && f.literal(name) == "" {
			return name
		}
	}
	return ""
}

// literal is a key as it stands in a statement: of a number, or of restaurant A or B.
func (f tables) literal(s string) string {
	switch n, err := strconv.Atoi(s); {
	case s == "A":
		return f.a
	case s == "B":
		return f.b
	case err == nil:
		return fmt.Sprintf(f.key, n)
	}
	return ""
}

func (f tables) args(sql string, args ...string) string {
	for i, a := range args {
		sql = strings.ReplaceAll(sql, fmt.Sprintf("$%d", i+1), f.literal(a))
		sql = strings.ReplaceAll(sql, fmt.Sprintf("#%d", i+1), a)
	}
	return strings.NewReplacer("$A", f.a, "$B", f.b).Replace(sql)
}

func (w *words) sayWord(s []string) string {
	if key := w.literal(s[0]); key != "" {
		return key
	}
	if make := made(s[0]); make != nil {
		return make(w, s[1:])
	}
	return w.args(w.say[s[0]], s[1:]...)
}

// expect compares what was announced, with A and B for the restaurants, and small numbers for keys.
func (w *words) expect(what string, want ...string) {
	w.Helper()
	names := map[string]string{strings.Trim(w.a, "'"): "A", strings.Trim(w.b, "'"): "B"}
	status := map[bool]string{true: "order_status_changed", false: "order_updated"}[w.name == own]
	received := w.received()
	for i, h := range received {
		f := strings.Fields(h)
		if name := names[f[0]]; name != "" {
			f[0] = name
		}
		if len(f) > 2 && len(f[2]) == 36 {
			f[2] = strings.TrimLeft(f[2][24:], "0")
		}
		received[i] = strings.Join(f, " ")
	}
	var wanted []string
	for _, s := range want {
		wanted = append(wanted, strings.Replace(s, " status ", " "+status+" ", 1))
	}
	w.compare(what, received, wanted)
}

// hasVersion looks at the version of order 1.
func (w *words) hasVersion(want string) {
	w.Helper()
	if version := w.readOther(`select coalesce((select version::text from kitchen.order_versions where order_id = ` + w.literal("1") + `), '0')`); version != want {
		w.Errorf("version %s, want %s", version, want)
	}
}

func (w *words) caughtNothing() {
	w.Helper()
	if caught := w.one(`select coalesce(string_agg(e::text, '; '), '') from kitchen.trigger_errors e`); caught != "" {
		w.Errorf("trigger errors: %s", caught)
	}
}
