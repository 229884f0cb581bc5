package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// A start that finds a larger log begins a new one, and keeps the old one under another name.
const maxLogSize = 8 << 20

// errMemoryInUse says that child processes of a killed postmaster still run. Each ends by itself when it next waits for something, which
// for a busy one may take hours.
var errMemoryInUse = errors.New("processes of an earlier server have not ended")

// launch starts the postmaster and waits until its database answers.
func (s *Server) launch(ctx context.Context) error {
	for deadline := time.Now().Add(30 * time.Second); ; {
		p, err := s.tryLaunch(ctx)
		if err == nil {
			s.postmaster.Store(p)
			return nil
		}
		if !errors.Is(err, errMemoryInUse) || time.Now().After(deadline) {
			return err
		}
		killOrphans(s.clusterDir())
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

func (s *Server) tryLaunch(ctx context.Context) (*process, error) {
	if err := emptySocketDir(s.socketDir); err != nil {
		return nil, err
	}
	log, offset, err := s.openLog()
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := command(s.account, s.dataDir, filepath.Join(s.binDir, "postgres"), s.arguments()...)
	cmd.Stdout, cmd.Stderr = log, log
	if !s.cfg.Detached {
		dieWithParent(cmd.SysProcAttr, syscall.SIGINT) // a fast shutdown
	}
	p, err := startProcess(cmd, s.cfg.Detached)
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	err = s.waitReady(ctx, p)
	if err == nil {
		err = s.CreateDatabase(ctx, database)
	}
	if err == nil {
		return p, nil
	}
	if !p.end(syscall.SIGQUIT, 10*time.Second) {
		p.kill()
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	said := s.readLog(offset)
	if strings.Contains(said, "is still in use") {
		err = errMemoryInUse
	}
	return nil, fmt.Errorf("start postgres: %w; the end of %s:%s", err, s.LogFile(), quoteTail(said))
}

// waitReady waits until postmaster.pid says that the postmaster takes connections, as pg_ctl does. Trying to connect instead would fill
// the log with refusals during recovery, which may take long after a crash.
func (s *Server) waitReady(ctx context.Context, p *process) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	slow := time.NewTimer(10 * time.Second)
	defer slow.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.done:
			if p.err != nil {
				return p.err
			}
			return errors.New("it ended")
		case <-slow.C:
			s.cfg.Log.Info("still waiting for the private database; after a crash it first recovers", "log", s.LogFile())
		case <-tick.C:
			if f, err := readPostmasterFile(s.clusterDir()); err == nil && f.ready && f.pid == p.cmd.Process.Pid {
				return nil
			}
		}
	}
}

// CreateDatabase makes a database of this server, unless it is there.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.DatabaseURL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var exists bool
	err = conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&exists)
	if err == nil && !exists {
		_, err = conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize())
	}
	if err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

// arguments returns the postmaster's arguments. The data directory comes first and the mark is always among them, because postmasterOf
// looks for both.
func (s *Server) arguments() []string {
	settings := map[string]string{
		"listen_addresses":        "",
		"port":                    strconv.Itoa(s.port()),
		"unix_socket_directories": `"` + s.socketDir + `"`,
		"unix_socket_permissions": "0700",
		"max_connections":         "100", // a pool, a listener, psql, and a second node now and then
		"shared_buffers":          "64MB",
		"logging_collector":       "off", // the log is this package's
		"log_destination":         "stderr",
		"log_line_prefix":         "%m [%p] ",
		"log_checkpoints":         "off",
	}
	if s.cfg.TCPPort != 0 {
		settings["listen_addresses"] = "127.0.0.1"
	}
	maps.Copy(settings, s.cfg.Settings)
	args := []string{"-D", s.clusterDir(), "-c", mark}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// openLog opens the server's log for appending; what is written from here on starts at the offset.
func (s *Server) openLog() (f *os.File, offset int64, err error) {
	if info, err := os.Stat(s.LogFile()); err == nil && info.Size() > maxLogSize {
		if err := os.Rename(s.LogFile(), s.LogFile()+".old"); err != nil {
			return nil, 0, fmt.Errorf("put the server's log aside: %w", err)
		}
	}
	f, err = os.OpenFile(s.LogFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open the server's log: %w", err)
	}
	if err = keepOwner(f, s.dataDir); err == nil {
		offset, err = f.Seek(0, io.SeekEnd)
	}
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("open the server's log: %w", err)
	}
	return f, offset, nil
}

// readLog returns what the server has logged since the offset, at most 64 KiB.
func (s *Server) readLog(offset int64) string {
	f, err := os.Open(s.LogFile())
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	b, err := io.ReadAll(io.NewSectionReader(f, offset, 64<<10))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// quoteTail returns the last lines of a program's output, indented, for the end of an error.
func quoteTail(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	lines = lines[max(0, len(lines)-8):]
	return "\n\t" + strings.Join(lines, "\n\t")
}
