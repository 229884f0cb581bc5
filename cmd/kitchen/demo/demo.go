// Package demo writes the orders of a busy evening, for newcomers and for trying a setup: simulate into a given database, the
// demo into a private one, with a node and a display in the same process. It measures how long a change takes to reach the display.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
	"kitchen/cmd/kitchen/terminal"
	"kitchen/cmd/kitchen/text"
	"kitchen/db/local"
	"kitchen/db/rush"
	"kitchen/ws/credential"
)

// Config holds the settings of a demo.
type Config struct {
	DataDir     string
	Listen      string
	ListenGiven bool // the user chose the address, so that the demo takes no other
	Origins     []string
	Host        string        // whose tables the orders are in: empty for this program's own, or django
	Rate        float64       // orders a minute
	Duration    time.Duration // 0: until ctx ends
	Stdout      io.Writer
	Log         *slog.Logger
}

// demo runs serve, simulate and watch in one process, on a private database. Its display is a real one: all that it knows comes
// over its socket.
type demo struct {
	Config
	database *database.Database
	evening  *rush.Rush
	listener net.Listener
	node     *node.Node
	token    string
}

// Run runs a demo until its duration is over or ctx ends.
func Run(ctx context.Context, cfg Config) (err error) {
	d := demo{Config: cfg}
	if cfg.Host != "" && cfg.Host != "django" {
		return fmt.Errorf("--host %q is none that the demo knows: django, or leave it out", cfg.Host)
	}
	if d.listener, err = d.freeListener(ctx); err != nil {
		return err
	}
	defer d.listener.Close()

	fmt.Fprintln(d.Stdout, "Starting a private Postgres in "+d.DataDir+" …")
	if err := d.openDatabase(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.database.Stop()) }()
	defer d.evening.Close()
	left, err := d.evening.ServeLeftovers(ctx)
	if err != nil {
		return err
	}
	if left > 0 {
		fmt.Fprintf(d.Stdout, "Completed %s of the last demo.\n", text.Count(left, "open order"))
	}

	secret, err := database.PrivateSecret(d.DataDir)
	if err != nil {
		return err
	}
	keys, err := credential.NewKeys(credential.KeysConfig{Secret: []byte(secret)})
	if err != nil {
		return err
	}
	user := d.evening.Restaurant().Display
	if d.token, err = credential.SignToken([]byte(secret), user, time.Now().Add(12*time.Hour)); err != nil {
		return fmt.Errorf("a token for the demo restaurant: %w", err)
	}
	d.node, err = node.New(ctx, node.Config{Database: d.database, Keys: keys, Origins: d.Origins, Log: d.Log})
	if err != nil {
		return err
	}
	return d.play(ctx)
}

// openDatabase starts the private Postgres, and opens the evening on its tables.
func (d *demo) openDatabase(ctx context.Context) (err error) {
	if d.Host != "" {
		d.database, d.evening, err = openHost(ctx, d.DataDir, d.Stdout, d.Log)
		return err
	}
	if d.database, err = database.OpenMigrated(ctx, database.Config{DataDir: d.DataDir}, false, d.Log); err != nil {
		return err
	}
	if d.evening, err = openRush(ctx, d.database, "", true); err != nil {
		return errors.Join(err, d.database.Stop())
	}
	return nil
}

// freeListener takes another port where the usual one is busy, unless one was asked for.
func (d *demo) freeListener(ctx context.Context) (net.Listener, error) {
	listener, err := node.Listen(ctx, d.Listen, "--listen")
	var busy *node.BusyError
	if !errors.As(err, &busy) || d.ListenGiven {
		return listener, err
	}
	if listener, err = node.Listen(ctx, "127.0.0.1:0", "--listen"); err == nil {
		fmt.Fprintf(d.Stdout, "%s is in use by another program; taking %s.\n", busy.Address, node.Reachable(listener))
	}
	return listener, err
}

// play runs the node, the display and the rush. It ends them in the opposite order, so that the display gets everything that was
// written. Where the node or the display fails, all end.
func (d *demo) play(ctx context.Context) error {
	d.introduce(ctx)
	playing, fail := context.WithCancelCause(ctx)
	defer fail(nil)

	stopNode := d.start(ctx, fail, func(ctx context.Context) error { return d.node.Run(ctx, d.listener) })
	defer stopNode()
	d.node.AwaitFeed(playing)

	meter, lines := newMeter(), terminal.NewTranscript(d.Stdout)
	joined := make(chan struct{})
	var once sync.Once
	display := &terminal.Viewer{Address: d.socket(), Token: d.token, OnLost: lines.Lost, OnMessage: func(m terminal.Message) {
		meter.receive(m)
		lines.Write(m)
		if m.Type == "initial_queue" {
			once.Do(func() { close(joined) })
		}
	}}
	if slices.Contains(d.evening.Restaurant().Stations, rush.Pass) {
		lines.Of(display, rush.Pass) // which shows everything, too, and is no screen of the grill or the bar
	}
	stopDisplay := d.start(ctx, fail, display.Run)
	defer stopDisplay()

	select { // orders that are written before the display has joined are not measured
	case <-joined:
	case <-playing.Done():
	}
	started := time.Now()
	writing, cancel := withDuration(playing, d.Duration)
	defer cancel()
	totals, err := d.evening.Run(writing, rush.Config{Rate: d.Rate, Committed: meter.committed, Log: d.Log})
	took := time.Since(started)

	meter.wait(2 * time.Second)
	err = errors.Join(err, stopDisplay(), stopNode())
	fmt.Fprintln(d.Stdout, "\n"+summary(totals, meter.figures(), took))
	return err
}

// start runs a function on a goroutine. stop cancels it, waits, and returns its error; a second call returns nil. An error before
// that is also passed to fail.
func (d *demo) start(ctx context.Context, fail context.CancelCauseFunc, run func(context.Context) error) (stop func() error) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() {
		err := run(running)
		if err != nil {
			fail(err)
		}
		ended <- err
		close(ended)
	}()
	return func() error {
		cancel()
		return <-ended
	}
}

func (d *demo) socket() string {
	return terminal.SocketAddress("ws://"+node.Reachable(d.listener), string(d.evening.Restaurant().ID))
}

func (d *demo) introduce(ctx context.Context) {
	r := d.evening.Restaurant()
	board := fmt.Sprintf("http://%s/kitchen/%s", node.Reachable(d.listener), r.ID)
	var stations strings.Builder
	for _, name := range r.Stations {
		fmt.Fprintf(&stations, "  %-11s %s?station=%s#token=%s\n", strings.ToLower(text.Clean(name)), board, url.QueryEscape(name), d.token)
	}
	fmt.Fprintf(d.Stdout, `
  board       %s#token=%s
%s  socket      %s?token=%s

  restaurant  %s
  psql        %s
  try         %s

What a display receives (Ctrl-C ends the demo):

`, board, d.token, stations.String(), d.socket(), d.token, text.Clean(r.Name), psqlCommand(ctx, d.database.URL), d.evening.Try())
}

func summary(t rush.Totals, f figures, took time.Duration) string {
	s := fmt.Sprintf("demo: %s written (%s) in %s, %s received; commit to display p50 %s, p99 %s",
		text.Count(t.Orders, "order"), text.Count(t.Changes, "change"), took.Round(100*time.Millisecond), text.Count(f.received, "event"),
		milliseconds(f.p50), milliseconds(f.p99))
	if f.missing > 0 {
		s += fmt.Sprintf("; %s NOT received", text.Count(f.missing, "change"))
	}
	return s
}

// milliseconds prints no figure below 0.10 ms: the display can receive a change before the writer's COMMIT returns, and which
// is first is the scheduler's choice.
func milliseconds(d time.Duration) string {
	if d < 100*time.Microsecond {
		return "<0.10 ms"
	}
	return fmt.Sprintf("%.2f ms", d.Seconds()*1000)
}

// psqlCommand is a shell command that opens a database in psql. Where psql is not in PATH, it is that of the server's programs.
func psqlCommand(ctx context.Context, url string) string {
	psql := "psql"
	if _, err := exec.LookPath(psql); err != nil {
		if dir, _, err := local.Installed(ctx); err == nil {
			psql = filepath.Join(dir, psql)
		}
	}
	return psql + " " + text.ShellQuoted(url)
}
