package attach

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kitchen/db/attach/sqltext"
)

// checkPath looks for roles that could have their functions run with the rights of the role that attaches. Where restaurants have
// stations, a writer's change of a line may call kitchen.set_status, and so the host's triggers, with these rights and this search_path.
// An operator or a function that somebody makes in a schema of that path may be called in place of PostgreSQL's own (see "Writing SECURITY
// DEFINER Functions Safely" on the manual's page of CREATE FUNCTION).
func checkPath(ctx context.Context, tx pgx.Tx, report *Report) error {
	rows, err := tx.Query(ctx, `
		select n.nspname::text, coalesce(r.rolname::text, 'everybody')
		  from pg_catalog.unnest(pg_catalog.current_schemas(false)) p (name)
		  join pg_catalog.pg_namespace n on n.nspname = p.name
		 cross join lateral pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
		  left join pg_catalog.pg_roles r on r.oid = a.grantee
		 where a.privilege_type = 'CREATE' and a.grantee <> n.nspowner and r.rolsuper is not true and r.rolname is distinct from current_user
		 order by 1, 2`)
	if err != nil {
		return fmt.Errorf("look for who may create what in the search_path: %w", err)
	}
	var schema, role string
	_, err = pgx.ForEachRow(rows, []any{&schema, &role}, func() error {
		from := role
		if role == "everybody" {
			from = "public"
		}
		report.add("path", Warning, fmt.Sprintf("revoke create on schema %s from %s; or attach with a search_path that leaves the schema out", sqltext.Quote(schema), quoteRole(from)),
			"%s may create functions in the schema %s, and have them run with your rights, by way of kitchen.set_status", role, schema)
		return nil
	})
	return err
}

// quoteRole quotes the name of a role; public is a keyword, and not a role.
func quoteRole(role string) string {
	if role == "public" {
		return role
	}
	return sqltext.Quote(role)
}

// checkOwners looks for roles that own the host's tables. They may put triggers on these, which run with the rights of the role that
// attaches when a change of a line moves its order on.
func checkOwners(ctx context.Context, tx pgx.Tx, sources []*source, report *Report) error {
	tables := make([]string, len(sources))
	for i, s := range sources {
		tables[i] = s.table()
	}
	rows, err := tx.Query(ctx, `
		select r.rolname::text, pg_catalog.string_agg(c.relname, ', ' order by c.relname)
		  from pg_catalog.unnest($1::text[]) t (name)
		  join pg_catalog.pg_class c on c.oid = t.name::pg_catalog.regclass
		  join pg_catalog.pg_roles r on r.oid = c.relowner
		 where not r.rolsuper and not pg_catalog.pg_has_role(r.oid, current_user, 'member')
		 group by r.rolname order by r.rolname`, tables)
	if err != nil {
		return fmt.Errorf("look for who owns the tables: %w", err)
	}
	var role, owned string
	_, err = pgx.ForEachRow(rows, []any{&role, &owned}, func() error {
		report.add("owner", Warning, "attach as the role "+role+", which may have to be given the right to make the schema kitchen (grant create on database)",
			"%s owns %s and may put triggers there, which run with your rights where lines that change move their order on", role, owned)
		return nil
	})
	return err
}
