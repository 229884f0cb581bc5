package local

import (
	"path/filepath"
	"testing"
)

// diesWithItsParent waits until a process whose parent was killed has ended, as it does on Linux.
func diesWithItsParent(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "the child of a killed program has ended", func() bool { return commandLine(pid) == "" })
}

func TestBusyOrphansDoNotHoldARestartUp(t *testing.T) {
	t.Parallel()
	s := start(t, Config{DataDir: newCluster(t)})
	conn := connect(t, s.URL())
	ended := make(chan error, 1)
	go func() {
		// It computes and waits for nothing, so that it would not notice the end of its postmaster. It ends by itself where
		// this test fails.
		_, err := conn.Exec(t.Context(), "set statement_timeout = '60s'; do 'begin loop end loop; end'")
		ended <- err
	}()
	eventually(t, "the loop runs", func() bool {
		return ask(t, s.URL(), "select count(*) from pg_stat_activity where query like '%loop end%' and state = 'active' "+
			"and pid <> pg_backend_pid()") == "1"
	})
	if err := s.Restart(t.Context(), Killed); err != nil {
		killOrphans(s.clusterDir())
		t.Fatal(err)
	}
	if <-ended == nil {
		t.Error("the query survived")
	}
}

func TestServerStopsWhenItsProgramIsKilled(t *testing.T) {
	t.Parallel()
	dir := newCluster(t)
	p := startProgram(t, dir, nil).waitReady(t)
	ask(t, p.url, "create table memory as select 'kept' as what")
	p.kill()
	diesWithItsParent(t, p.server)
	// It shut down in good order: a postmaster that was killed leaves its file.
	if exists(postmasterPath(filepath.Join(dir, clusterName))) {
		t.Error("postmaster.pid is still there")
	}
	s := start(t, Config{DataDir: dir})
	if got := ask(t, s.URL(), "select what from memory"); got != "kept" {
		t.Errorf("found %q", got)
	}
}
