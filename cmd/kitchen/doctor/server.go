package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/db"
	"kitchen/db/examine"
	"kitchen/migrations"
)

// Checks of the server, of what is in its database, and of this role's rights.

func (x *examination) checkServer(ctx context.Context) {
	f, err := x.pool.Server(ctx, x.now)
	if err != nil {
		x.failed("database", err)
		return
	}
	x.server = f
	x.add("database", Fine, fmt.Sprintf("connected to %s as %s", f.Database, f.Role), "")
	x.addVersion(f)
	switch {
	case f.Standby:
		x.add("primary", wrong, "DATABASE_URL leads to a standby, where nothing can be written and nothing is announced",
			"give the primary's address, or several hosts with target_session_attrs=read-write")
	case f.ReadOnly:
		x.add("primary", wrong, "transactions are read-only here, so cooks could not move an order on",
			"look for default_transaction_read_only in the server's settings and in those of the role and the database")
	default:
		x.add("primary", Fine, "a primary, and not read-only", "")
	}
	if f.NotifyOff != "" {
		if strings.HasPrefix(f.NotifyOn, "alter system") {
			f.NotifyOn += "; or take it out of postgresql.conf, or of the options in DATABASE_URL, if it is set there"
		}
		x.add("kitchen.notify", wrong, "is off by default for "+f.NotifyOff+": what they write is not announced, and shows up half a minute late",
			f.NotifyOn)
	}
}

// fixed returns, for each major version, the minor release in which LISTEN no longer fails with "could not access status of
// transaction": before, the notification queue kept ids of transactions whose status VACUUM had removed (commit 8eeb4a0f7c,
// November 2025).
func fixed() map[int]int { return map[int]int{14: 21, 15: 16, 16: 12, 17: 8, 18: 2} }

const newestMajor = 19

func (x *examination) addVersion(f examine.ServerFacts) {
	major, minor := f.Version/10000, f.Version%10000
	name := "PostgreSQL " + strings.TrimSpace(strings.Split(f.VersionText, "(")[0])
	least, known := fixed()[major]
	switch {
	case major < 14:
		x.add("version", wrong, name+" is too old: the triggers need 14 or later", "upgrade the server")
	case known && minor < least:
		x.add("version", warning, fmt.Sprintf("%s can fail to LISTEN after a VACUUM (could not access status of transaction)", name),
			fmt.Sprintf("install the minor release %d.%d or later", major, least))
	case major > newestMajor:
		x.add("version", warning, fmt.Sprintf("%s is newer than what this program was tested with, 14 to %d", name, newestMajor),
			"look for a newer version of this program")
	default:
		x.add("version", Fine, name, "")
	}
}

func (x *examination) checkMigrations(ctx context.Context, of *database.Database) (there bool) {
	schema := x.pool.CheckSchema(ctx)
	applied, err := x.pool.AppliedMigrations(ctx)
	other, is := of.OtherBuild(ctx, schema)
	switch {
	case is:
		x.add("migrations", wrong, other.Means(), other.Mend())
	case of.Private != nil && (errors.Is(schema, db.ErrNotMigrated) || errors.Is(err, db.ErrNotMigrated)):
		x.add("migrations", Fine, "not applied yet: kitchen serve does so by itself in its private database", "")
	case errors.Is(schema, db.ErrNotMigrated):
		if refused := x.pool.CheckMigratable(ctx); refused != nil {
			x.add("migrations", wrong, db.ErrNotMigrated.Error()+", and cannot be as it is", refused.Error())
			break
		}
		var e *db.SchemaError
		if errors.As(schema, &e) && e.Nothing {
			x.add("migrations", wrong, "nothing of this program is in this database", db.Begin)
			break
		}
		x.add("migrations", wrong, schema.Error(), "run kitchen migrate up, as a role that may create tables")
	case db.Denied(schema):
		x.add("migrations", wrong, "this role may not look into the schema kitchen; the SQL of kitchen migrate role gives it all that a node needs", "grant usage on schema kitchen to "+x.server.Role)
	case schema != nil:
		x.failed("migrations", schema)
	case errors.Is(err, db.ErrNotMigrated):
		x.add("migrations", warning, "the tables are there, but goose's list of what was applied, kitchen.goose_db_version, is not: which migrations are missing cannot be known",
			"restore the table kitchen.goose_db_version from where this database was copied")
	case db.Denied(err):
		x.add("migrations", warning, "the tables are there, but this role may not see which migrations were applied",
			"grant select on kitchen.goose_db_version to "+x.server.Role)
	case err != nil:
		x.failed("migrations", err)
	default:
		x.addMigrations(applied)
	}
	return schema == nil
}

// addMigrations compares the applied migrations with those of this program.
func (x *examination) addMigrations(applied []int64) {
	ours := map[int64]string{}
	files, _ := fs.Glob(migrations.FS, "*.sql") // whose pattern is a good one
	for _, name := range files {
		number, _, _ := strings.Cut(name, "_")
		if version, err := strconv.ParseInt(number, 10, 64); err == nil {
			ours[version] = strings.TrimSuffix(name, ".sql")
		}
	}
	var unknown, pending []string
	total := len(ours)
	for _, version := range applied {
		if ours[version] == "" {
			unknown = append(unknown, strconv.FormatInt(version, 10))
		}
		delete(ours, version)
	}
	for _, name := range files {
		for _, left := range ours {
			if left == strings.TrimSuffix(name, ".sql") {
				pending = append(pending, left)
			}
		}
	}
	if len(pending) > 0 {
		x.add("migrations", wrong, "not applied yet: "+strings.Join(pending, ", "), "run kitchen migrate up")
	}
	if len(unknown) > 0 {
		x.add("migrations", warning, "applied, and unknown to this program: "+strings.Join(unknown, ", ")+": the database is newer",
			"run the version of this program that the database was migrated with, or a newer one")
	}
	if x.current = len(pending)+len(unknown) == 0; x.current {
		x.add("migrations", Fine, fmt.Sprintf("all %d are applied", total), "")
	}
}

func (x *examination) checkRights(ctx context.Context, private bool) {
	f, err := x.pool.Rights(ctx)
	if err != nil {
		x.failed("rights", err)
		return
	}
	x.rights = f
	reads := x.pool.TryReads(ctx)
	switch {
	case db.Denied(reads) && len(f.Missing) == 0 && x.obstructed:
		x.add("rights", wrong, reads.Error(), "mend what is said of orders, above, then look again")
	case db.Denied(reads) && len(f.Missing) == 0:
		x.add("rights", wrong, reads.Error()+": row-level security would hide orders from kitchens",
			"alter role "+x.server.Role+" bypassrls")
	case x.attached && len(f.Missing) > 0:
		x.add("rights", wrong, fmt.Sprintf("the role %s lacks rights that a node needs", x.server.Role), strings.Join(f.Missing, "; "))
	case reads != nil && !db.Denied(reads):
		x.failed("rights", reads)
	case len(f.Missing) > 0:
		x.add("rights", wrong, fmt.Sprintf("the role %s lacks rights that a node needs; the SQL of kitchen migrate role gives them all", x.server.Role), strings.Join(f.Missing, "; "))
	case x.attached && (f.Superuser || f.Owner):
		x.add("rights", warning, fmt.Sprintf("the role %s is a superuser or owns the host's tables: an attacker who breaks into a node owns them, too", x.server.Role),
			"give serve a role of its own, with the rights that db/attach/README.md lists; then its name in DATABASE_URL")
	case x.attached:
		x.add("rights", Fine, "enough to read queues and to notify; moving orders on needs what kitchen.set_status does with the host's tables, too", "")
	case f.Superuser && !private:
		x.add("rights", warning, fmt.Sprintf("the role %s is a superuser: an attacker who breaks into a node owns the whole server", x.server.Role), mendRole())
	case f.Owner && !private:
		x.add("rights", warning, fmt.Sprintf("the role %s owns the tables, or may become their owner: a node needs to read, and to update orders.status", x.server.Role), mendRole())
	default:
		x.add("rights", Fine, "enough to read queues, to move orders on and to notify", "")
	}
}

// grantRole makes the role that a node needs, and gives it its rights.
const grantRole = `kitchen migrate role | psql "$DATABASE_URL", as the owner of the tables`

func mendRole() string {
	return "give serve a role of its own, kitchen_node, with the least rights: " + grantRole + "; then its name in DATABASE_URL"
}

func (x *examination) checkTwoPhase() {
	switch f := x.server; {
	case f.PreparedXacts > 0:
		x.add("two-phase commit", warning, fmt.Sprintf("%d prepared transactions are open, the oldest for %s: one that wrote orders cannot be prepared (PostgreSQL's rule for NOTIFY), and those that hang keep their locks",
			f.PreparedXacts, f.OldestPreparedXact.Round(time.Second)),
			"let programs that write orders commit in one phase; commit or roll back what hangs: select gid from pg_prepared_xacts")
	case f.MaxPreparedXacts > 0:
		x.add("two-phase commit", Fine, fmt.Sprintf("possible (max_prepared_transactions is %d) and not in use; a transaction that wrote orders could not be prepared", f.MaxPreparedXacts), "")
	case f.Version > 0:
		x.add("two-phase commit", Fine, "off", "")
	}
}

func (x *examination) checkClock() {
	f := x.server
	if f.Version == 0 {
		return
	}
	off := max(f.Difference.Abs()-f.DifferenceUncertain, 0)
	if off >= time.Second {
		side := "ahead of"
		if f.Difference < 0 {
			side = "behind"
		}
		x.add("clock", warning, fmt.Sprintf("the database's clock is %s %s this machine's: ages of orders on the boards are wrong by that, and tokens end early or late", off.Round(100*time.Millisecond), side),
			"let both machines follow NTP (timedatectl set-ntp true)")
		return
	}
	x.add("clock", Fine, "this machine and the database agree within a second", "")
}
