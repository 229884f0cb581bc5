// Package doctor examines a database, and the settings of a node, before or while a node uses them. It owns the checks, and what
// each advises; it changes nothing. What it asks of the database are db's statements.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
	"kitchen/db"
	"kitchen/db/examine"
	"kitchen/db/local"
)

// Config holds the settings of serve that the doctor looks at.
type Config struct {
	Db       database.Config
	Keyring  node.Keyring
	Displays int // how many a node accepts; 0: as many as by default
}

// examination is one run of the doctor. It connects as serve would, with the same settings, and changes nothing.
type examination struct {
	Config
	now     func() time.Time
	timeout time.Duration // how long to wait for one notification, or one connection

	pool       *examine.Examination // nil where there is no database
	listener   *pgx.Conn            // nil where LISTEN is not possible
	attached   bool                 // the database has another program's tables, attached by a mapping
	obstructed bool                 // a finding says why orders cannot be written or seen
	there      bool                 // the database has what a node works with, our tables or a mapping
	current    bool                 // all migrations of this program are applied, and no others
	server     examine.ServerFacts
	rights     examine.RightsFacts
	findings   []finding
}

// Examine looks at a database and at the settings of a node, and returns what it found, in the order of the checks.
func Examine(ctx context.Context, cfg Config) []finding {
	x := &examination{Config: cfg, now: time.Now, timeout: 2 * time.Second}
	x.examine(ctx)
	return x.findings
}

// examine runs all checks that are possible. A check is left out where an earlier finding says why it cannot run.
func (x *examination) examine(ctx context.Context) {
	x.checkKeys(ctx)
	x.checkFiles()
	database, err := x.database(ctx)
	if err != nil {
		x.add("database", wrong, err.Error(), "give the address of the database as DATABASE_URL")
		return
	}
	if database == nil {
		return
	}
	defer func() {
		if err := database.Stop(); err != nil {
			x.add("database", warning, err.Error(), "look for a postgres process that still runs on the data directory")
		}
	}()
	if !x.connect(ctx, database.URL) {
		return
	}
	defer x.pool.Close()
	x.checkServer(ctx)
	x.checkEncoding(ctx)
	x.checkPooler(ctx)
	x.checkListener(ctx, database.DirectURL)
	if x.listener != nil {
		defer x.listener.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	}
	if x.checkMapping(ctx, database.URL); x.attached {
		x.there = true
		x.checkRights(ctx, false)
	} else if x.there = x.checkMigrations(ctx, database); x.there {
		x.checkTriggers(ctx)
		x.checkObstacles(ctx)
		x.checkRights(ctx, x.Db.URL == "")
		x.checkIndex(ctx)
		x.checkNumbers(ctx)
		x.checkAnnouncements(ctx)
		x.checkTimezones(ctx)
	}
	x.checkTwoPhase()
	x.checkClock()
	x.checkListeners(ctx)
	x.checkLock(ctx)
	x.checkQueue(ctx)
	x.checkRoundTrip(ctx)
}

// database opens the database that serve would use. It makes no private database: where there is none yet, it returns nil.
func (x *examination) database(ctx context.Context) (*database.Database, error) {
	if x.Db.URL == "" {
		if _, err := os.Stat(filepath.Join(x.Db.DataDir, "postgres", "PG_VERSION")); err != nil {
			_, _, err := local.Installed(ctx)
			if err != nil {
				return nil, err
			}
			x.add("database", warning, "DATABASE_URL is not set, and there is no private database in "+x.Db.DataDir+" yet",
				"set DATABASE_URL; or start kitchen serve, which makes one")
			return nil, nil
		}
	}
	return database.Open(ctx, x.Db, true, slog.New(slog.DiscardHandler))
}

// connect opens the pool of connections for all further checks.
func (x *examination) connect(ctx context.Context, url string) bool {
	pool, err := examine.Open(ctx, url)
	var refused *db.RefusedError
	switch {
	case err == nil:
		x.pool = pool
		return true
	case errors.As(err, &refused):
		x.add("database", wrong, err.Error(), mendRefusal(refused.Code))
	default:
		x.add("database", wrong, err.Error(), mendConnection(err, "DATABASE_URL"))
	}
	return false
}

// mendConnection says what to do where no server accepted the connection. url is the name of the setting.
func mendConnection(err error, url string) string {
	said := err.Error()
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(said, w) })
	}
	switch {
	case has("cannot be read", "read the database URL", "cannot parse"):
		return "correct " + url + ": postgres://user:password@host:5432/database?setting=value, with %40 for an @ in a password, %2F for a /"
	case has("refused TLS"):
		return "switch TLS on at the server (ssl = on, with a certificate), or say sslmode=disable in " + url + " where nobody else is on the way"
	case has("certificate", "x509", "tls:"):
		return "give the authority that signed the server's certificate as sslrootcert=FILE in " + url + ", and the host by the name that is in the certificate"
	}
	return "check host and port of " + url + ", that the server runs, its listen_addresses, and firewalls between"
}

// mendRefusal says what to do where the server refused the connection with this SQLSTATE.
func mendRefusal(code string) string {
	switch code {
	case "28P01":
		return "correct the password in DATABASE_URL, or set the role's: alter role … password '…'"
	case "28000":
		return "check the user in DATABASE_URL, and that pg_hba.conf lets it connect from here"
	case "3D000":
		return "check the database's name in DATABASE_URL, or create it: create database …"
	case "42704", "22023", "55P02": // undefined_object, invalid_parameter_value, cant_change_runtime_param
		return "take the setting that it names out of DATABASE_URL, or correct it: what this program does not know there goes to the server"
	case "53300":
		return "raise max_connections, or end connections: a node takes up to 10 and one more"
	case "57P03":
		return "wait until the server has started or recovered; its log says how far it is"
	}
	return "look the SQLSTATE up in the PostgreSQL manual, appendix A, and into the server's log"
}

// failed says that a check could not be made.
func (x *examination) failed(check string, err error) {
	mend := "try again; where it stays, look into the server's log"
	if db.Denied(err) {
		mend = "give the role " + x.server.Role + " the rights that are named under rights, or run kitchen doctor as the owner of the tables"
	}
	x.add(check, warning, fmt.Sprintf("could not be looked at: %v", err), mend)
}
