package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kitchen/cmd/kitchen/bench"
	"kitchen/db"
	"kitchen/db/load"
	"kitchen/ws"
)

func checkBench(s *settings, _ []string) (problems []string) {
	if s.floor != "" {
		return nil
	}
	if s.databaseURL != "" && !s.yes {
		problems = append(problems, "DATABASE_URL is set: the bench would load that database with orders of its own, and remove them; "+
			"say --yes to do so, or unset it to measure with a private Postgres")
	}
	if s.databaseURL != "" && s.jwtSecret == "" {
		problems = append(problems, "DATABASE_URL is set and no secret is: set KITCHEN_JWT_SECRET to the one that the node verifies with")
	}
	if s.restaurants > 0 && s.sockets > 0 && s.restaurants > s.sockets {
		problems = append(problems, "there are more restaurants than displays: an order of one without a display reaches nobody")
	}
	return problems
}

func runBench(ctx context.Context, p *program) (err error) {
	if p.floor != "" {
		return p.serveFloor(ctx)
	}
	cfg := bench.Config{
		Scenarios: p.scenarios, Displays: p.sockets, Restaurants: p.restaurants, Writers: p.writers,
		Rate: p.rate, Duration: p.duration, Progress: p.stderr, Errors: troubles{p.stderr},
	}
	if cfg.Scenarios == nil {
		cfg.Scenarios = bench.Scenarios()
	}
	if cfg.Program, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program, to start nodes with: %w", err)
	}
	secret := p.jwtSecret
	if p.databaseURL == "" {
		secret = rand.Text() + rand.Text()
		var stop func() error
		if stop, err = p.ownDatabase(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		cfg.Own = true
	} else {
		node, err := url.Parse(p.url)
		if err != nil {
			return fmt.Errorf("read the node's address: %w", err)
		}
		cfg.TLS, cfg.Host = node.Scheme == "wss", node.Host
		if node.Port() == "" {
			cfg.Host += map[bool]string{true: ":443", false: ":80"}[cfg.TLS]
		}
		database := database{url: p.databaseURL}
		pool, err := database.pool(ctx)
		if err != nil {
			return err
		}
		pool.Close()
	}
	cfg.DatabaseURL = p.databaseURL
	cfg.Environ = append(withoutSettings(os.Environ()), "DATABASE_URL="+p.databaseURL, "KITCHEN_JWT_SECRET="+secret)
	cfg.Sign = func(user db.UserID) (string, error) {
		return ws.SignToken([]byte(secret), user, time.Now().Add(12*time.Hour))
	}

	results, err := bench.Run(ctx, cfg)
	if p.json && err == nil {
		return bench.PrintJSON(p.stdout, results)
	}
	return errors.Join(err, bench.PrintTable(p.stdout, results))
}

// ownDatabase starts a private Postgres that goes when the bench does, and makes it this program's.
func (p *program) ownDatabase(ctx context.Context) (stop func() error, err error) {
	dir, err := os.MkdirTemp("", "kitchen-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for a private Postgres: %w", err)
	}
	remove := func() error { return os.RemoveAll(dir) }
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the server's own user must get to its directory in it
		return nil, errors.Join(err, remove())
	}
	own := p.settings
	own.dataDir = filepath.Join(dir, "data")
	fmt.Fprintln(p.stderr, "starting a private Postgres in "+own.dataDir)
	d, err := openMigrated(ctx, own, false, newLog(p.stderr, "text", quiet))
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	p.databaseURL = d.url
	return func() error { return errors.Join(d.stop(), remove()) }, nil
}

// troubles passes on what a node logs, unless that is how it should be.
type troubles struct{ w io.Writer }

func (t troubles) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("level=INFO")) {
		return len(line), nil
	}
	return t.w.Write(line)
}

// withoutSettings keeps what is set for this program from the nodes that it starts.
func withoutSettings(environ []string) (rest []string) {
	for _, e := range environ {
		if !strings.HasPrefix(e, "KITCHEN_") && !strings.HasPrefix(e, "DATABASE_URL=") {
			rest = append(rest, e)
		}
	}
	return rest
}

// serveFloor is what the bench starts beside the node that it measures: see [bench.ServeFloor].
func (p *program) serveFloor(ctx context.Context) error {
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Fprintf(p.stdout, "http://%s\n", reachable(listener))
	return bench.ServeFloor(ctx, p.databaseURL, load.Open(p.databaseURL, p.floor, p.restaurants), listener)
}
