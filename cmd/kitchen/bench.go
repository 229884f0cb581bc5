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

// measureConfig is what a measurement is told.
type measureConfig struct {
	database databaseConfig // without a URL, a private one that goes with the measurement
	secret   string         // that the node of another's database verifies with
	node     string         // and its address
	environ  []string       // of this program

	scenarios   []string // empty: all
	displays    int      // 0: the scenario's own, as are those below
	restaurants int
	writers     int
	rate        float64 // orders a second
	duration    time.Duration

	json   bool // print JSON, no table
	stdout io.Writer
	stderr io.Writer
}

// measure runs scenarios against a node of its own, or against another's, and prints what they found.
func measure(ctx context.Context, p measureConfig) (result error) {
	cfg := bench.Config{
		Scenarios: p.scenarios, Displays: p.displays, Restaurants: p.restaurants, Writers: p.writers,
		Rate: p.rate, Duration: p.duration, Progress: p.stderr, Errors: troubles{p.stderr},
	}
	if cfg.Scenarios == nil {
		cfg.Scenarios = bench.Scenarios()
	}
	var err error
	if cfg.Program, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program, to start nodes with: %w", err)
	}
	secret := p.secret
	if p.database.URL == "" {
		secret = rand.Text() + rand.Text()
		url, stop, err := ownDatabase(ctx, p.stderr)
		if err != nil {
			return err
		}
		defer func() { result = errors.Join(result, stop()) }()
		p.database.URL = url
		cfg.Own = true
	} else {
		node, err := url.Parse(p.node)
		if err != nil {
			return fmt.Errorf("read the node's address: %w", err)
		}
		cfg.TLS, cfg.Host = node.Scheme == "wss", node.Host
		if node.Port() == "" {
			cfg.Host += map[bool]string{true: ":443", false: ":80"}[cfg.TLS]
		}
		database := database{url: p.database.URL}
		pool, err := database.pool(ctx)
		if err != nil {
			return err
		}
		pool.Close()
	}
	cfg.DatabaseURL = p.database.URL
	cfg.Environ = append(withoutSettings(p.environ), "DATABASE_URL="+p.database.URL, "KITCHEN_JWT_SECRET="+secret)
	cfg.Sign = func(user db.UserID) (string, error) {
		return ws.SignToken([]byte(secret), user, time.Now().Add(12*time.Hour))
	}

	results, err := bench.Run(ctx, cfg)
	if p.json && err == nil {
		return bench.PrintJSON(p.stdout, results)
	}
	return errors.Join(err, bench.PrintTable(p.stdout, results))
}

// ownDatabase starts a private Postgres that goes with stop.
func ownDatabase(ctx context.Context, stderr io.Writer) (url string, stop func() error, err error) {
	dir, err := os.MkdirTemp("", "kitchen-bench-")
	if err != nil {
		return "", nil, fmt.Errorf("make a directory for a private Postgres: %w", err)
	}
	remove := func() error { return os.RemoveAll(dir) }
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the server's own user must get to its directory in it
		return "", nil, errors.Join(err, remove())
	}
	own := databaseConfig{DataDir: filepath.Join(dir, "data")}
	fmt.Fprintln(stderr, "starting a private Postgres in "+own.DataDir)
	d, err := openMigrated(ctx, own, false, newLog(stderr, "text", quiet))
	if err != nil {
		return "", nil, errors.Join(err, remove())
	}
	return d.url, func() error { return errors.Join(d.stop(), remove()) }, nil
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
func serveFloor(ctx context.Context, p measureConfig, prefix string) error {
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Fprintf(p.stdout, "http://%s\n", reachable(listener))
	return bench.ServeFloor(ctx, p.database.URL, load.Open(p.database.URL, prefix, p.restaurants), listener)
}
