package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kitchen/db/dbtest/testdir"
	"kitchen/db/local"
)

func TestProcessesOfARunShareOneServerAndTheLastStopsIt(t *testing.T) {
	t.Parallel()
	tmp := newTemp(t)
	// Both at once, in an empty directory: one makes the server and the template, the other waits for both.
	one, two := startProcess(t, tmp, "hold"), startProcess(t, tmp, "hold")
	urlOne, urlTwo := one.url(t), two.url(t)
	if started(t, urlOne) != started(t, urlTwo) {
		t.Error("two servers")
	}
	if name := "select current_database()"; ask(t, urlOne, name) == ask(t, urlTwo, name) {
		t.Error("one database")
	}
	passes(t, one)
	ask(t, urlTwo, "select 'alive'")
	passes(t, two)
	if answers(t, urlTwo) {
		t.Error("the server still runs")
	}

	// The next run finds cluster and template there, and no database that was not kept.
	next := startProcess(t, tmp, "hold")
	url := next.url(t)
	if got := ask(t, url, "select count(*)::text from pg_database where datname like 'kitchen%'"); got != "3" {
		t.Errorf("%s databases, want kitchen, the template and the test's", got)
	}
	passes(t, next)
}

func TestServerOutlivesAProcessThatIsKilled(t *testing.T) {
	t.Parallel()
	tmp := newTemp(t)
	killed := startProcess(t, tmp, "hold")
	url := killed.url(t)
	since := started(t, url)
	killed.kill()
	if started(t, url) != since {
		t.Error("the server went down with the process that started it")
	}
	older := databaseName(time.Now().Add(-time.Minute))
	count := "select count(*)::text from pg_database where datname = '" + older + "'"
	ask(t, url, "create database "+older)
	next := startProcess(t, tmp, "hold")
	nextURL := next.url(t)
	if started(t, nextURL) != since {
		t.Error("the next process started another server")
	}
	if ask(t, nextURL, count) != "0" {
		t.Error("the database of a process that was killed is still there")
	}
	ask(t, nextURL, "create database "+older)
	another := startProcess(t, tmp, "hold")
	if ask(t, another.url(t), count) != "1" {
		t.Error("a process dropped the database of another one that still runs")
	}
	passes(t, another)
	passes(t, next)
	if answers(t, url) {
		t.Error("the server still runs after its last user has left")
	}
}

func TestDatabaseOfAFailedTestIsKeptForADay(t *testing.T) {
	t.Parallel()
	tmp := newTemp(t)
	failing := startProcess(t, tmp, "fail")
	url := failing.url(t)
	code, output := failing.finish(t)
	if code == 0 || !strings.Contains(output, "psql '"+url+"'") {
		t.Errorf("exit code %d, and no psql command for %s in:\n%s", code, url, output)
	}
	if got := ask(t, url, "select what from evidence"); got != "found" {
		t.Errorf("the kept database holds %q, want what the failed test wrote", got)
	}
	passes(t, startProcess(t, tmp, "hold"))
	ask(t, url, "select what from evidence") // another package of the same run ends nothing

	run := onlyRunDir(t, tmp)
	if err := os.WriteFile(filepath.Join(run, "kept"), []byte("another run"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := startProcess(t, tmp, "hold")
	laterURL := later.url(t)
	ask(t, url, "select what from evidence") // the day is not over
	name := ask(t, url, "select current_database()")
	yesterday := databaseName(time.Now().Add(-keepFor - time.Hour))
	for i := range keepAtMost + 2 { // more failures than are kept, in the last hours
		many := databaseName(time.Now().Add(-time.Duration(i+1) * time.Hour / 4))
		ask(t, laterURL, "create database "+many)
		ask(t, laterURL, "comment on database "+many+" is '"+keptComment+"'")
	}
	for _, sql := range []string{
		"alter database " + name + " rename to " + yesterday,
		"create database kitchen_template_0123456789abcdef is_template true allow_connections false",
		"comment on database kitchen_template_0123456789abcdef is '2020-01-01T00:00:00Z'",
		"create database kitchen_template_fedcba9876543210 is_template true allow_connections false",
		"comment on database kitchen_template_fedcba9876543210 is '" + time.Now().UTC().Format(time.RFC3339) + "'",
	} {
		ask(t, laterURL, sql)
	}
	passes(t, later)
	if answers(t, laterURL) {
		t.Error("the server still runs, though nothing of this run is kept")
	}

	nextDay := startProcess(t, tmp, "hold")
	nextDayURL := nextDay.url(t)
	if got := ask(t, nextDayURL, "select count(*)::text from pg_database where shobj_description(oid, 'pg_database') = '"+
		keptComment+"'"); got != strconv.Itoa(keepAtMost) {
		t.Errorf("%s databases are kept", got)
	}
	got := ask(t, nextDayURL, "select string_agg(datname, ' ') from pg_database where datname in ('"+yesterday+
		"', 'kitchen_template_0123456789abcdef', 'kitchen_template_fedcba9876543210')")
	if got != "kitchen_template_fedcba9876543210" {
		t.Errorf("of what was old and what was not there is: %s", got)
	}
	passes(t, nextDay)
}

func TestDamagedServerIsMadeAnew(t *testing.T) {
	t.Parallel()
	tmp := newTemp(t)
	passes(t, startProcess(t, tmp, "hold"))
	run := onlyRunDir(t, tmp)
	if err := os.WriteFile(filepath.Join(run, "server", "postgres", "global", "pg_control"), []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	passes(t, startProcess(t, tmp, "hold"))
	// Files of another boot may be torn without saying so.
	seen := filepath.Join(run, "server", "postgres", "PG_VERSION")
	before, err := os.Stat(seen)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(run, "boot"), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	passes(t, startProcess(t, tmp, "hold"))
	if after, err := os.Stat(seen); err != nil || os.SameFile(before, after) && before.ModTime().Equal(after.ModTime()) {
		t.Errorf("the cluster of another boot was used: %v", err)
	}
}

func TestLeakedGoroutineFailsThePackage(t *testing.T) {
	t.Parallel()
	tmp := newTemp(t)
	code, output := startProcess(t, tmp, "leak").finish(t)
	if code == 0 || !strings.Contains(output, "goroutines left behind") || !strings.Contains(output, "TestInAnotherProcess") {
		t.Errorf("exit code %d:\n%s", code, output)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 {
		t.Errorf("a package that asks for no database made %v", left)
	}
}

func TestServerOfTheEnvironmentNeedsNoSuperuser(t *testing.T) {
	t.Parallel()
	s := Cluster(t, nil)
	ask(t, s.URL(), "create role tester login createdb")
	tmp := newTemp(t)
	url := strings.Replace(s.DatabaseURL("postgres"), "user=postgres", "user=tester", 1)
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	keywords := "host=" + cfg.Host + " user=tester dbname=postgres"
	for _, address := range []string{url, keywords} {
		p := startProcess(t, tmp, "hold", "TEST_DATABASE_URL="+address)
		if got := ask(t, p.url(t), "select current_user || ' ' || count(*) from orders"); got != "tester 0" {
			t.Errorf("%s: %s", address, got)
		}
		passes(t, p)
	}
	if got := ask(t, s.URL(), "select count(*)::text from pg_database where datname like 'kitchen\\_test\\_%'"); got != "0" {
		t.Errorf("%s databases were left behind", got)
	}
	if left, _ := filepath.Glob(filepath.Join(tmp, "*")); len(left) > 0 {
		t.Errorf("a server was started in %v all the same", left)
	}
}

// newTemp returns a temporary directory that the server's user can pass through, and at the end stops a server that was
// left there.
func newTemp(t *testing.T) string {
	t.Helper()
	killed, err := filepath.Glob(filepath.Join(testdir.Parent(), "kitchen-dbtest-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range killed {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			removeTemp(t, dir)
		}
	}
	dir, err := os.MkdirTemp(testdir.Parent(), "kitchen-dbtest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeTemp(t, dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func removeTemp(t *testing.T, dir string) {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(dir, "*", "server"))
	if err != nil {
		t.Error(err)
	}
	for _, server := range runs {
		if err := local.StopDetached(context.Background(), server); err != nil {
			t.Error(err)
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
}

func onlyRunDir(t *testing.T, tmp string) string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(tmp, "kitchen-test-*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("%v, %v", dirs, err)
	}
	return dirs[0]
}

// started identifies a start of a server.
func started(t *testing.T, url string) string {
	t.Helper()
	return ask(t, url, "select pg_postmaster_start_time()::text")
}

// answers reports whether anybody still answers at an address, whose server has stopped when its socket is gone.
func answers(t *testing.T, url string) bool {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err == nil {
		conn.Close(t.Context())
	}
	return err == nil || strings.Contains(err.Error(), "SQLSTATE")
}
