package notifier_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"kitchen/db/local"
)

// diskRows fill the disk of a server of the row's own. They need Linux and root, for a file system that may be filled.
func diskRows() []row {
	settings := map[string]string{"synchronous_commit": "on", "max_wal_size": "32MB"}
	return []row{
		{fault: "F50", name: "the_disk_is_full", onDemand: true, harms: true, disk: 160, settings: settings,
			inject: func(s *scene) { fullDisk(s, false) }},
		{fault: "F50b", name: "the_disk_is_full_and_the_server_cannot_write_its_log", onDemand: true, harms: true, disk: 160, settings: settings,
			inject: func(s *scene) { fullDisk(s, true) }},
	}
}

// fullDisk fills the disk until orders are refused, and frees it after a while.
func fullDisk(s *scene, log bool) {
	s.Helper()
	ballast := filepath.Join(s.server.DataDir(), "ballast")
	fill(s, ballast)
	sql := `insert into orders (restaurant_id, notes) select $1, repeat($2, 100) from generate_series(1, 100)`
	if log { // another file of the log after each: the next of them does not fit
		sql = `with o as (insert into orders (restaurant_id, notes) values ($1, $2) returning id) select pg_switch_wal() from o`
	}
	refused := ""
	for deadline := time.Now().Add(2 * waitLimit); refused == ""; { // until what is left inside of files is used up
		if _, err := s.pool.Exec(s.Context(), sql, string(s.tenants[0].ID), s.tenants[0].Canary); err != nil {
			refused = err.Error()
		}
		if time.Now().After(deadline) {
			s.Fatal("orders can be written to a disk that is full")
		}
	}
	_, before := s.writers.Committed()
	s.pause(s.lasts(2*time.Second, 20*time.Second))
	_, after := s.writers.Committed()
	if err := os.Remove(ballast); err != nil {
		s.Fatal(err)
	}
	how := "the server stood"
	select {
	case <-s.server.Exited(): // it ends where it cannot write its log, and cannot start again
		how = "the server had ended, and was started"
		if err := s.server.Restart(s.Context(), local.Fast); err != nil {
			s.Fatal(err)
		}
	default:
		if log {
			s.Error("the server did without its log")
		}
	}
	s.pool.Reset()
	s.answers()
	s.heal()
	if !s.writers.AwaitCommits(5, waitLimit) {
		s.Errorf("orders cannot be written to a disk that has room again: %v", s.writers.Example())
	}
	s.all(true)
	s.remark = fmt.Sprintf("%d writes failed meanwhile (%s); %s", after-before, refused, how)
	if !log && !strings.Contains(refused, "No space left") {
		s.Errorf("an order was refused for another reason: %s", refused)
	}
}

// fill writes a file for as long as there is room.
func fill(s *scene, path string) {
	s.Helper()
	f, err := os.Create(path)
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2] // to the last byte
		} else if err != nil {
			s.Fatal(err)
		}
	}
}
