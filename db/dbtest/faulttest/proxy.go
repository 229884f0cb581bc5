package faulttest

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Proxy forwards connections to a server. Its switches may be set at any time, and affect what goes through from then on.
type Proxy struct {
	// URL is the database's URL through the proxy; of a proxy for a port, the proxy's address.
	URL string

	Refuse           atomic.Bool                          // close new connections at once
	Blackhole        atomic.Bool                          // drop everything, and close nothing
	BlackholeAnswers atomic.Bool                          // drop what the server sends
	OtherPID         atomic.Bool                          // give clients another process id, as poolers do
	Delay            atomic.Pointer[func() time.Duration] // before each piece that goes through
	Piece            atomic.Int64                         // bytes that go through at a time; 0: as they come
	CutAfter         atomic.Int64                         // cut a connection after so many bytes of answers; 0: never
	Accepted         atomic.Int64                         // connections so far

	listener net.Listener
	copying  sync.WaitGroup

	mu       sync.Mutex
	network  string
	upstream string
	open     map[net.Conn]bool
	gates    []*Gate
	drop     string // the text of the answer to drop
	cuts     int    // how many connections are still to be cut
	cutText  string // the text of the request at which they are cut
	ended    bool
}

// NewProxy starts a proxy for the Unix socket or the port of a database.
func NewProxy(t testing.TB, address string) *Proxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("faulttest: %v", err)
	}
	dir, err := os.MkdirTemp("", "proxy")
	if err != nil {
		t.Fatalf("faulttest: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatalf("faulttest: %v", err)
	}
	q := u.Query()
	q.Set("host", dir)
	q.Set("port", "5432")
	p := &Proxy{listener: l, open: map[net.Conn]bool{}}
	p.Redirect(t, address)
	u.Host, u.RawQuery = "", q.Encode()
	p.URL = u.String()
	if err := allowOwner(p.upstream, dir, l.Addr().String()); err != nil {
		t.Fatalf("faulttest: %v", err)
	}
	p.start(t)
	return p
}

// allowOwner gives the proxy's socket to the user that runs the server, so that a standby can connect through it. Nobody else
// may: the server trusts everyone who can open the socket.
func allowOwner(upstream string, ours ...string) error {
	info, err := os.Stat(upstream)
	if os.Geteuid() != 0 || err != nil {
		return nil
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	for _, path := range ours {
		if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	return nil
}

// NewPortProxy starts a proxy for a TCP address, such as a node's.
func NewPortProxy(t testing.TB, address string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("faulttest: %v", err)
	}
	p := &Proxy{listener: l, URL: l.Addr().String(), network: "tcp", upstream: address, open: map[net.Conn]bool{}}
	p.start(t)
	return p
}

// Redirect makes new connections go to another database server.
func (p *Proxy) Redirect(t testing.TB, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("faulttest: %v", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.network, p.upstream = "tcp", u.Host
	if q := u.Query(); q.Get("host") != "" {
		p.network, p.upstream = "unix", filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port"))
	}
}

// DropAnswer drops the server's next answer with this text in it, and nothing else.
func (p *Proxy) DropAnswer(text string) { p.mu.Lock(); p.drop = text; p.mu.Unlock() }

// Dropped reports whether the answer of [Proxy.DropAnswer] has come and was dropped.
func (p *Proxy) Dropped() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.drop == "" }

// CutAt cuts the connection at each of the next n requests with this text in them.
func (p *Proxy) CutAt(text string, n int) { p.mu.Lock(); p.cutText, p.cuts = text, n; p.mu.Unlock() }

// CutsLeft is how many of those cuts have not happened yet.
func (p *Proxy) CutsLeft() int { p.mu.Lock(); defer p.mu.Unlock(); return p.cuts }

// Cut closes all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		_ = c.Close()
	}
}

func (p *Proxy) start(t testing.TB) {
	p.copying.Go(func() {
		for {
			client, err := p.listener.Accept()
			if err != nil {
				return
			}
			p.Accepted.Add(1)
			if p.Refuse.Load() {
				_ = client.Close()
				continue
			}
			p.mu.Lock()
			network, upstream := p.network, p.upstream
			p.mu.Unlock()
			server, err := net.Dial(network, upstream)
			if err != nil {
				_ = client.Close()
				continue
			}
			c := &pair{client: client, server: server}
			if !p.track(c) {
				return
			}
			p.copying.Go(func() { p.requests(c) })
			p.copying.Go(func() { p.answers(c) })
		}
	})
	t.Cleanup(p.end)
}

func (p *Proxy) track(c *pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		c.close()
		return false
	}
	p.open[c.client], p.open[c.server] = true, true
	return true
}

func (p *Proxy) end() {
	_ = p.listener.Close()
	p.mu.Lock()
	p.ended = true
	for c := range p.open {
		_ = c.Close()
	}
	gates := p.gates
	p.mu.Unlock()
	for _, g := range gates {
		g.Release()
	}
	p.copying.Wait()
}
