// Package local runs a private PostgreSQL server for a program that was given no database: from the server binaries on
// the machine, in the program's data directory, on a Unix socket that only its owner can open, stopped with the program.
//
// It owns the data directory's cluster (the "postgres" folder in it), the socket's directory, the server's log and the
// lock that keeps a second program out. It knows nothing of what the database holds: no schema, no migrations.
//
// A data directory looks like this:
//
//	postgres/        the cluster, in the hands of the operating system's user that runs the server
//	postgres.lock    held (flock) by the program that runs the server, and its process id
//	postgres.log     what the server said; postgres.log.old before that
//	socket/          the Unix socket; under the system's temporary directory where this path would be too long
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Config says where a server lives and how it runs. Only DataDir is required.
type Config struct {
	DataDir  string            // the program's data directory; made if missing
	BinDir   string            // where initdb and postgres are; empty: looked for in PATH and the usual places
	Settings map[string]string // further server settings, which win over this package's own; not those of the address
	// TCPPort lets the server listen on 127.0.0.1 as well, where anybody on the machine can then connect; for tests. It
	// must be set when the cluster is made: a cluster made without it refuses TCP for good. 0: the Unix socket alone.
	TCPPort int
	// Detached lets the server run on after this program has ended. This program does not hold its lock once Start has returned;
	// [StopDetached] stops the server. For a server that several test processes share.
	Detached bool
	Log      *slog.Logger // nil: silent
}

// Mode is how a server is stopped.
type Mode int

// The ways to stop a server, after the PostgreSQL manual's chapter "Shutting Down the Server".
const (
	Fast      Mode = iota // clients are disconnected, everything is written: the next start is quick
	Immediate             // nothing is written: the next start recovers, as after a crash
	Killed                // SIGKILL to the postmaster; its children notice and end by themselves
)

// Server is a running private server.
type Server struct {
	// Static after Start.
	cfg       Config
	dataDir   string // absolute, without symbolic links
	account   account
	binDir    string
	socketDir string
	lock      *lockFile // nil where detached

	// The present postmaster; only Restart replaces it.
	postmaster atomic.Pointer[process]

	stop    sync.Once
	stopErr error // written by stop
}

// Start makes the cluster if there is none, starts a server on it, waits until it answers and creates the database
// "kitchen" if that is missing. Whatever an earlier program left behind is no obstacle: a postmaster that outlived it is
// stopped first, an initdb that was cut short is started over.
//
// Cancelling ctx ends the start and leaves no process; after Start has returned, ctx no longer matters. Errors:
// [ErrNoBinaries], an *[InUseError] where another program holds the data directory, or one that says what is wrong
// and, where the server said more, quotes the end of its log.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := openDataDir(cfg.DataDir)
	if err != nil {
		return nil, err
	}
	lock, err := lockDataDir(ctx, dir)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, dataDir: dir, lock: lock}
	if err := s.start(ctx); err != nil {
		lock.release()
		return nil, err
	}
	if cfg.Detached {
		lock.release()
		s.lock = nil
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) (err error) {
	if s.account, err = clusterAccount(s.clusterDir()); err != nil {
		return err
	}
	version, err := clusterVersion(s.clusterDir())
	if err != nil {
		return err
	}
	bin, err := findBinaries(ctx, s.account, s.cfg.BinDir, version)
	if err != nil {
		return err
	}
	s.binDir = bin.dir
	if err := s.account.mayEnter(ctx, s.binDir, s.dataDir); err != nil {
		return err
	}
	if err := stopLeftover(ctx, s.clusterDir(), s.cfg.Log); err != nil {
		return err
	}
	if err := removeInterruptedInits(s.dataDir); err != nil {
		return err
	}
	if version == 0 {
		s.cfg.Log.Info("making a private database", "dir", s.clusterDir(), "postgres", bin.major)
		if err := s.initCluster(ctx); err != nil {
			return err
		}
	} else if err := s.account.own(s.clusterDir()); err != nil {
		return err
	}
	if s.socketDir, err = makeSocketDir(ctx, s.dataDir, s.port(), s.binDir, s.account); err != nil {
		return err
	}
	return s.launch(ctx)
}

// DataDir is the data directory, absolute and without symbolic links.
func (s *Server) DataDir() string { return s.dataDir }

// LogFile is the file that the server logs to.
func (s *Server) LogFile() string { return filepath.Join(s.dataDir, "postgres.log") }

// PID is the process id of the postmaster.
func (s *Server) PID() int { return s.postmaster.Load().cmd.Process.Pid }

// Exited is closed when the present postmaster has ended, for any reason.
func (s *Server) Exited() <-chan struct{} { return s.postmaster.Load().done }

// Stop shuts the server down (fast), waits until it has ended, and lets go of the data directory. It may be called more
// than once and from any goroutine; each call returns when the server has ended.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		s.stopErr = s.Halt(Fast)
		if filepath.Dir(s.socketDir) != s.dataDir {
			_ = os.Remove(s.socketDir) // in the system's temporary directory; postgres has emptied it
		}
		if s.lock != nil {
			s.lock.release()
		}
	})
	return s.stopErr
}

// Kill ends the postmaster with SIGKILL, as the kernel does when memory runs out, and waits until it is gone. The data
// directory stays locked; [Server.Restart] brings the server back. For tests of faults.
func (s *Server) Kill() error { return s.Halt(Killed) }

// Halt ends the postmaster and waits until it is gone. A server that has ended already is no error. A fast shutdown that
// takes longer than a minute becomes an immediate one. The data directory stays locked; [Server.Restart] brings the
// server back, under the same URL.
func (s *Server) Halt(mode Mode) error {
	p := s.postmaster.Load()
	select {
	case <-p.done:
		return nil
	default:
	}
	if mode == Killed {
		p.kill()
		return nil
	}
	if mode == Fast {
		if p.end(syscall.SIGINT, time.Minute) {
			if p.err != nil {
				return fmt.Errorf("stop postgres: %w", p.err)
			}
			return nil
		}
		s.cfg.Log.Warn("postgres takes too long to shut down; ending it at once", "pid", s.PID())
	}
	if !p.end(syscall.SIGQUIT, 10*time.Second) {
		p.kill()
	}
	return nil
}

// Restart ends the postmaster if it still runs, starts another on the same cluster and waits until it answers, under
// the same URL. Not to be called from two goroutines at once, nor after Stop. For tests of faults.
func (s *Server) Restart(ctx context.Context, mode Mode) error {
	if err := s.Halt(mode); err != nil {
		return err
	}
	return s.launch(ctx)
}

// StopDetached stops the server that was started on dataDir with Config.Detached, by this program or another, and waits
// until it has ended. That there is none is no error.
func StopDetached(ctx context.Context, dataDir string) error {
	dir, err := trueName(dataDir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	lock, err := lockDataDir(ctx, dir)
	if err != nil {
		return err
	}
	defer lock.release()
	return stopLeftover(ctx, filepath.Join(dir, clusterName), slog.New(slog.DiscardHandler))
}
