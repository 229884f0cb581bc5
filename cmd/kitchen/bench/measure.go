package bench

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

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
	"kitchen/db/load"
	"kitchen/db/order"
	"kitchen/ws/credential"
)

// MeasureConfig holds the settings of `kitchen bench`.
type MeasureConfig struct {
	Database database.Config // without a URL, a private one that goes with the measurement
	Secret   string          // signs tokens for a node that is already running
	Node     string          // the address of that node
	Environ  []string        // this program's

	Scenarios   []string // empty: all
	Displays    int      // 0: the scenario's own, as are those below
	Restaurants int
	Writers     int
	Rate        float64 // orders a second
	Duration    time.Duration
	Past        int // orders

	Json   bool   // print JSON, no table
	Readme string // a document that the figures are written into; empty: none
	Stdout io.Writer
	Stderr io.Writer
}

// Measure runs scenarios against a node that it starts, or one that is running, and prints the results.
func Measure(ctx context.Context, p MeasureConfig) (result error) {
	cfg := Config{
		Scenarios: p.Scenarios, Displays: p.Displays, Restaurants: p.Restaurants, Writers: p.Writers,
		Rate: p.Rate, Duration: p.Duration, Past: p.Past, Progress: p.Stderr, Errors: warnings{p.Stderr},
	}
	if cfg.Scenarios == nil {
		cfg.Scenarios = WholeRun()
	}
	var err error
	if cfg.Program, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program, to start nodes with: %w", err)
	}
	secret := p.Secret
	if p.Database.URL == "" {
		secret = rand.Text() + rand.Text()
		url, stop, err := ownDatabase(ctx, p.Stderr)
		if err != nil {
			return err
		}
		defer func() { result = errors.Join(result, stop()) }()
		p.Database.URL = url
		cfg.Own = true
	} else {
		address, err := url.Parse(p.Node)
		if err != nil {
			return fmt.Errorf("read the node's address: %w", err)
		}
		cfg.TLS, cfg.Host = address.Scheme == "wss", address.Host
		if address.Port() == "" {
			cfg.Host += map[bool]string{true: ":443", false: ":80"}[cfg.TLS]
		}
		database := database.Database{URL: p.Database.URL}
		pool, err := database.Pool(ctx)
		if err != nil {
			return err
		}
		pool.Close()
	}
	cfg.DatabaseURL = p.Database.URL
	cfg.Environ = append(withoutSettings(p.Environ), "DATABASE_URL="+p.Database.URL, "KITCHEN_JWT_SECRET="+secret)
	cfg.Sign = func(user order.UserID) (string, error) {
		return credential.SignToken([]byte(secret), user, time.Now().Add(12*time.Hour))
	}

	m := machine(node.Version)
	if m.Postgres, err = load.ServerVersion(ctx, cfg.DatabaseURL); err != nil {
		return err
	}
	results, err := Run(ctx, cfg)
	if p.Readme != "" && err == nil {
		err = WriteReadme(p.Readme, results, m)
	}
	if p.Json && err == nil {
		return PrintJSON(p.Stdout, results, m)
	}
	return errors.Join(err, PrintTable(p.Stdout, results))
}

// ownDatabase starts a private Postgres. stop ends it and removes its files.
func ownDatabase(ctx context.Context, stderr io.Writer) (url string, stop func() error, err error) {
	dir, err := os.MkdirTemp("", "kitchen-bench-")
	if err != nil {
		return "", nil, fmt.Errorf("make a directory for a private Postgres: %w", err)
	}
	remove := func() error { return os.RemoveAll(dir) }
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // the server's own user must get to its directory in it
		return "", nil, errors.Join(err, remove())
	}
	own := database.Config{DataDir: filepath.Join(dir, "data")}
	fmt.Fprintln(stderr, "starting a private Postgres in "+own.DataDir)
	d, err := database.OpenMigrated(ctx, own, false, node.NewLog(stderr, "text", node.Quiet))
	if err != nil {
		return "", nil, errors.Join(err, remove())
	}
	return d.URL, func() error { return errors.Join(d.Stop(), remove()) }, nil
}

// warnings passes a node's log on without its INFO lines and without alarms: most displays of a measurement report no painted order.
type warnings struct{ w io.Writer }

func (t warnings) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("level=INFO")) || bytes.Contains(line, []byte("orders that nobody has seen")) {
		return len(line), nil
	}
	return t.w.Write(line)
}

// withoutSettings leaves out of an environment the settings of this program, so that nodes that it starts do not get them.
func withoutSettings(environ []string) (rest []string) {
	for _, e := range environ {
		if !strings.HasPrefix(e, "KITCHEN_") && !strings.HasPrefix(e, "DATABASE_URL=") {
			rest = append(rest, e)
		}
	}
	return rest
}

// RunFloor runs a floor (see [ServeFloor]) as a process of its own, which the bench starts.
func RunFloor(ctx context.Context, p MeasureConfig, prefix string) error {
	listener, err := node.Listen(ctx, "127.0.0.1:0", "--listen")
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Fprintf(p.Stdout, "http://%s\n", node.Reachable(listener))
	return ServeFloor(ctx, p.Database.URL, load.Open(p.Database.URL, prefix, p.Restaurants), listener)
}
