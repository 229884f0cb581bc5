package dbtest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"kitchen/db/local"
)

// Standby starts a streaming standby of a server that [Cluster] has started, with wal_level replica or higher. It follows
// the primary at the address given, which may be that of a proxy before it. The primary is restarted on the way: a
// copy of a stopped cluster is a base backup.
func Standby(t testing.TB, primary *local.Server, address string) *local.Server {
	t.Helper()
	s, err := startStandby(t, primary, address)
	if err != nil {
		t.Fatalf("dbtest: standby: %v", err)
	}
	return s
}

func startStandby(t testing.TB, primary *local.Server, address string) (*local.Server, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	run, err := openRunDir(t.Context())
	if err != nil {
		return nil, err
	}
	dir, err := newClusterDir(t, run)
	if err != nil {
		return nil, err
	}
	if err := primary.Halt(local.Fast); err != nil {
		return nil, err
	}
	copied := copyCluster(filepath.Join(dir, "postgres"), filepath.Join(primary.DataDir(), "postgres"))
	if err := primary.Restart(t.Context(), local.Fast); err != nil {
		return nil, err
	}
	if copied != nil {
		return nil, copied
	}
	if err := os.WriteFile(filepath.Join(dir, "postgres", "standby.signal"), nil, 0o600); err != nil {
		return nil, err
	}
	return startIn(t, local.Config{DataDir: dir}, map[string]string{
		"primary_conninfo": fmt.Sprintf("host=%s port=%s user=%s", q.Get("host"), q.Get("port"), q.Get("user")),
		"hot_standby":      "on", "wal_retrieve_retry_interval": "100ms",
	})
}
