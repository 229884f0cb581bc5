// Package node puts a node together: the database, the notifier, the displays' server, and HTTP around them. It owns the start, the
// stop, the addresses and the metrics. It knows nothing of flags or of the environment.
package node

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/setup"
	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier"
	"kitchen/notifier/alarm"
	"kitchen/ws"
	"kitchen/ws/credential"
	"kitchen/ws/limit"
	"kitchen/ws/pairing"
	"kitchen/ws/tcp"
)

// Node is what serves: the displays' sockets, fed by a notifier, behind an HTTP server. serve runs it, and so does demo.
type Node struct {
	pool     *db.DB
	notifier *notifier.Notifier
	displays *ws.Server
	pairing  *pairing.Server
	setup    *setup.Server
	remote   *credential.RemoteKeys // or nil
	monitor  *alarm.Monitor
	hook     *alarm.Hook // or nil
	name     string      // which no other node has
	http     *http.Server
	metrics  *metrics
	drain    time.Duration
	most     int // connections
	log      *slog.Logger

	stopping atomic.Bool
}

// headerExtra is how many bytes net/http reads of a header beyond MaxHeaderBytes (initialReadLimitSize in server.go).
const headerExtra = 4096

// Config is what a node works with, given once at its start.
type Config struct {
	Database *database.Database
	Keys     *credential.Keys
	remote   *credential.RemoteKeys // of keys; nil where they are not at an address
	Origins  []string
	limits   Limits
	Hook     Hook
	drain    time.Duration
	hsts     time.Duration // how long browsers shall ask over TLS only; 0 says nothing
	Log      *slog.Logger
}

// Hook is where alarms are posted; nowhere without an address.
type Hook struct {
	URL    *url.URL
	Secret string
}

// New connects to the database, which must be migrated, and starts nothing.
func New(ctx context.Context, cfg Config) (_ *Node, err error) {
	host, _ := os.Hostname() // for people; the rest makes it unique
	n := &Node{name: host + "/" + rand.Text()[:8], remote: cfg.remote, drain: cfg.drain, log: cfg.Log, metrics: NewMetrics()}
	cfg.limits.setDefaults()
	if n.pool, err = cfg.Database.Pool(ctx); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			n.pool.Close()
		}
	}()
	n.notifier, err = notifier.New(notifier.Config{DB: n.pool, Node: n.name, ListenURL: cfg.Database.DirectURL, Log: cfg.Log, Users: n.recheck, Devices: n.recheckDevice, Meter: n.metrics})
	if err != nil {
		return nil, err
	}
	n.displays, err = ws.NewServer(ws.Config{
		Feed: feed{n.notifier}, Store: store{n.pool, n.name}, Keys: cfg.Keys, IDs: n.pool.Keys, AllowedOrigins: cfg.Origins, Log: cfg.Log,
		Limits: cfg.limits.Displays, Times: cfg.limits.Times, Meter: n.metrics,
	})
	if err != nil {
		return nil, err
	}
	n.pairing, err = pairing.NewServer(pairing.Config{
		Store: n.pool, Keys: cfg.Keys, IDs: n.pool.Keys, AllowedOrigins: cfg.Origins, Log: cfg.Log,
	})
	if err != nil {
		return nil, err
	}
	if cfg.Hook.URL != nil {
		n.hook = alarm.NewHook(cfg.Hook.URL, []byte(cfg.Hook.Secret), n.pool, cfg.Log)
	}
	n.monitor = alarm.New(n.pool.CheckUnseen, n.name, cfg.Log, n.metrics.Alarm, n.hook)
	n.setup = setup.NewServer(setup.Config{DB: n.pool, Keys: cfg.Keys, Log: cfg.Log})
	n.metrics.watch(n)
	displays := cfg.limits.Displays.Displays
	if displays == 0 {
		displays = ws.DefaultDisplays
	}
	n.most = cfg.limits.connections(displays)
	n.http = newHTTPServer(strictTransport(cfg.hsts, n.routes()), &cfg.limits, cfg.Log)
	return n, nil
}

// newHTTPServer bounds what requests may take: what is slower, or longer, is no display. net/http forgets these deadlines when a
// socket is upgraded.
func newHTTPServer(routes http.Handler, l *Limits, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: l.HeaderTime,
		ReadTimeout:       l.HeaderTime + l.requestTime,
		WriteTimeout:      l.answerTime,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    l.HeaderBytes - headerExtra,
		ErrorLog:          limit.NewLog(log).ForHTTP(),
	}
}

// Run serves until ctx ends, then drains and waits for everything that it started. A node runs once.
func (n *Node) Run(ctx context.Context, listener net.Listener) error {
	return n.run(ctx, listener, nil)
}

// run is Run, over TLS unless secure is nil.
func (n *Node) run(ctx context.Context, listener net.Listener, secure *tls.Config) error {
	listener = tcp.NewListener(listener, n.most, n.log)
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	defer n.pool.Close()

	// The notifier outlives ctx: displays receive changes until they are closed.
	feeding, stopFeeding := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	defer working.Wait()
	defer stopFeeding()
	fed := make(chan error, 1)
	working.Go(func() { fed <- n.notifier.Run(feeding) })
	working.Go(func() { giveMemoryBack(feeding, n.displays.Displays) })
	working.Go(func() { tidy(feeding, n.pool.Tidy, n.log) })
	working.Go(func() { n.monitor.Run(feeding) })
	if n.hook != nil {
		working.Go(func() { n.hook.Run(feeding) })
	}
	if n.remote != nil {
		working.Go(func() { n.remote.Run(feeding) })
	}
	served := make(chan error, 1)
	working.Go(func() {
		served <- n.http.Serve(listener)
		close(served)
	})

	var err error
	select {
	case <-ctx.Done():
		n.log.Info("stopping")
	case err = <-served:
		err = fmt.Errorf("serve HTTP: %w", err)
	case err = <-fed:
		err = fmt.Errorf("follow the database: %w", errors.Join(err, errors.New("ended by itself")))
	}

	// The listener stays open while the displays are sent away, and for stoppingSeen at least, so that load balancers can read
	// from /readyz that the node is stopping. Only then it is closed.
	n.stopping.Store(true)
	seen := time.NewTimer(min(n.drain, stoppingSeen))
	defer seen.Stop()
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.drain+10*time.Second)
	defer cancel()
	if e := n.displays.Drain(draining, n.drain); e != nil {
		err = errors.Join(err, fmt.Errorf("send displays away: %w", e))
	}
	select {
	case <-seen.C:
	case <-served:
	}
	_ = listener.Close()
	<-served // Shutdown would close the listener again, and report that it is closed
	answering, cut := context.WithTimeout(context.WithoutCancel(ctx), lastAnswers)
	defer cut()
	if n.http.Shutdown(answering) != nil { // a request that does not end in time is cut off
		if e := n.http.Close(); e != nil {
			err = errors.Join(err, fmt.Errorf("stop HTTP: %w", e))
		}
	}
	n.log.Info("stopped")
	return err
}

const (
	// stoppingSeen is how long /readyz says at least that the node is stopping.
	stoppingSeen = time.Second
	// lastAnswers is how long the last HTTP requests may take once all displays are gone.
	lastAnswers = time.Second
)

// recheck passes the users who may have changed on to the server of their displays.
func (n *Node) recheck(changed []order.UserID) {
	n.displays.Recheck(changed...)
}

// recheckDevice passes a device whose pass may have been revoked on to the server of its displays.
func (n *Node) recheckDevice(id order.DeviceID) { n.displays.RecheckDevice(id) }

// AwaitFeed waits until the node receives changes, for 3 s at most. A node without changes serves all the same, and says so to
// its displays.
func (n *Node) AwaitFeed(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !n.notifier.Live() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}
