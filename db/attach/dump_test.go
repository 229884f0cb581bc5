package attach_test

import (
	"os/exec"
	"strings"

	"kitchen/db/dbtest"
)

// dump is all that a database consists of, but for the rows: as the catalog has it, and as pg_dump writes it where there is one for
// the server's release.
func (h *host) dump() string {
	h.Helper()
	program := dbtest.Dumper(h)
	if program == "" {
		return h.catalog()
	}
	out, err := exec.CommandContext(h.Context(), program, "--schema-only", h.url).CombinedOutput()
	if err != nil {
		h.Fatalf("pg_dump: %v: %s", err, out)
	}
	lines := []string{h.catalog()}
	for l := range strings.SplitSeq(string(out), "\n") {
		if !strings.HasPrefix(l, `\restrict`) && !strings.HasPrefix(l, `\unrestrict`) { // newer releases of it begin with a random key
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

// catalog is what the catalog has of all that is not PostgreSQL's own.
func (h *host) catalog() string {
	h.Helper()
	return h.one(`
		with ns as (select oid, nspname, nspacl, nspowner from pg_namespace where nspname not in ('pg_catalog', 'information_schema') and nspname not like 'pg\_%'),
		     rel as (select c.*, c.oid::regclass as name from ns join pg_class c on c.relnamespace = ns.oid)
		select string_agg(x, e'\n' order by x) from (
		  select format('schema %s %s %s', nspname, nspowner::regrole, nspacl) from ns
		  union all select format('relation %s %s %s %s %s %s %s %s %s', relkind, name, relowner::regrole, relacl, reloptions, relpersistence, relreplident, relrowsecurity, relforcerowsecurity) from rel
		  union all select format('column %s.%s %s %s %s %s %s%s %s', name, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attacl, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
		    from rel join pg_attribute a on a.attrelid = rel.oid and a.attnum > 0 left join pg_attrdef d on d.adrelid = rel.oid and d.adnum = a.attnum
		  union all select format('constraint %s on %s %s', o.conname, o.conrelid::regclass, pg_get_constraintdef(o.oid)) from ns join pg_constraint o on o.connamespace = ns.oid
		  union all select format('index %s', pg_get_indexdef(i.indexrelid)) from rel join pg_index i on i.indrelid = rel.oid
		  union all select format('trigger %s %s', t.tgenabled, pg_get_triggerdef(t.oid)) from rel join pg_trigger t on t.tgrelid = rel.oid and not t.tgisinternal
		  union all select format('rule %s', pg_get_ruledef(r.oid)) from rel join pg_rewrite r on r.ev_class = rel.oid
		  union all select format('policy %s on %s %s %s %s %s', p.polname, rel.name, p.polcmd, p.polroles, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) from rel join pg_policy p on p.polrelid = rel.oid
		  union all select format('function %s %s', p.proacl, pg_get_functiondef(p.oid)) from ns join pg_proc p on p.pronamespace = ns.oid and p.prokind in ('f', 'p')
		  union all select format('type %s.%s %s %s', ns.nspname, t.typname, t.typacl, format_type(t.typbasetype, t.typtypmod)) from ns join pg_type t on t.typnamespace = ns.oid
		  union all select format('comment %s', d.description) from pg_description d join rel on rel.oid = d.objoid and d.classoid = 'pg_class'::regclass
		  union all select format('event trigger %s %s', evtname, evtfoid::regproc) from pg_event_trigger
		  union all select format('default privileges %s %s', defaclrole::regrole, defaclacl) from pg_default_acl
		  union all select format('setting %s', unnest(setconfig)) from pg_db_role_setting s where s.setdatabase = (select oid from pg_database where datname = current_database())
		  union all select format('extension %s %s', extname, extversion) from pg_extension) s (x)`)
}
