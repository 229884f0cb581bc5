package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// shared is this test process's use of the server. It is a package variable, the only one, because New has only a testing.TB, and the
// server must run from the first test that needs a database to the end of the process.
var shared hold

type hold struct {
	main atomic.Bool // Main runs, and will release

	mu       sync.Mutex // held while the first test waits for the server: the others have nothing to do without it
	acquired bool
	err      error // of the first attempt; no second one is made
	server   *server

	originals []string // databases of [Prepared], dropped at the end
}

// server is a server with a template, ready to make databases.
type server struct {
	url      string // of a database from which others can be created
	admin    *pgxpool.Pool
	template string
	version  int     // server_version_num: 150018
	role     string  // who will own the databases
	run      *runDir // nil with TEST_DATABASE_URL
}

func (h *hold) acquire(ctx context.Context) (*server, error) {
	if !h.main.Load() {
		return nil, errors.New("this package's TestMain must call dbtest.Main, which lets go of the server at the end")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.acquired {
		h.acquired = true
		// The server is for all tests of the process, so that the end of this one must not cut its start short.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
		defer cancel()
		h.server, h.err = openServer(ctx)
	}
	return h.server, h.err
}

func openServer(ctx context.Context) (_ *server, err error) {
	s := &server{url: os.Getenv("TEST_DATABASE_URL")}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.url == "" {
		if s.run, err = joinRun(ctx); err != nil {
			return nil, err
		}
		s.url = s.run.url
	}
	cfg, err := pgxpool.ParseConfig(s.url)
	if err != nil {
		return nil, fmt.Errorf("TEST_DATABASE_URL: %w", err)
	}
	cfg.MaxConns = 4
	if s.admin, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, fmt.Errorf("test server: %w", err)
	}
	const who = "select current_setting('server_version_num')::int, current_user::text"
	if err := s.admin.QueryRow(ctx, who).Scan(&s.version, &s.role); err != nil {
		return nil, fmt.Errorf("test server: %w", err)
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// release ends this process's use of the server; the last process stops it.
func (h *hold) release() error {
	h.mu.Lock()
	s, originals := h.server, h.originals
	h.server, h.acquired, h.err, h.originals = nil, true, errors.New("the tests of this process have ended"), nil
	h.mu.Unlock()
	if s == nil {
		return nil
	}
	return errors.Join(s.dropAll(originals), s.close())
}

func (s *server) close() error {
	if s.admin != nil {
		s.admin.Close()
	}
	if s.run != nil {
		return s.run.leave()
	}
	return nil
}

// keep keeps a database, and the server running when the last process leaves.
func (s *server) keep(ctx context.Context, name string) error {
	if err := s.markKept(ctx, name); err != nil {
		return err
	}
	if s.run == nil {
		return nil
	}
	return s.run.keep()
}
