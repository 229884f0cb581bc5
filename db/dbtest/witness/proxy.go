package witness

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

// Proxy stands before a server. Its switches may be thrown at any time, and hold for what goes through from then on.
type Proxy struct {
	// URL is the database's address through the proxy; of a proxy before something else, the address itself.
	URL string

	Refuse      atomic.Bool                          // close new connections at once
	Hole        atomic.Bool                          // swallow everything, and close nothing
	HoleAnswers atomic.Bool                          // swallow what comes from the server
	OtherPID    atomic.Bool                          // tell clients another process id, as poolers do
	Delay       atomic.Pointer[func() time.Duration] // before each piece that goes through
	Piece       atomic.Int64                         // bytes that go through at a time; 0: as they come
	CutAfter    atomic.Int64                         // cut a connection after so many bytes of answers; 0: never
	Accepted    atomic.Int64                         // connections so far

	listener net.Listener
	copying  sync.WaitGroup

	mu       sync.Mutex
	network  string
	upstream string
	open     map[net.Conn]bool
	gates    []*Gate
	swallow  string // of the next answer with this text in it
	cuts     int    // connections to be cut
	cutText  string // at a request with this text in it
	ended    bool
}

// NewProxy stands before the Unix socket or the port of a database.
func NewProxy(t testing.TB, address string) *Proxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("witness: %v", err)
	}
	dir, err := os.MkdirTemp("", "proxy")
	if err != nil {
		t.Fatalf("witness: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatalf("witness: %v", err)
	}
	q := u.Query()
	q.Set("host", dir)
	q.Set("port", "5432")
	p := &Proxy{listener: l, open: map[net.Conn]bool{}}
	p.Lead(t, address)
	u.Host, u.RawQuery = "", q.Encode()
	p.URL = u.String()
	if err := admitOwner(p.upstream, dir, l.Addr().String()); err != nil {
		t.Fatalf("witness: %v", err)
	}
	p.start(t)
	return p
}

// admitOwner lets whoever runs a server through the proxy, too: a standby, say. Nobody else, because who can open the
// socket is trusted.
func admitOwner(upstream string, ours ...string) error {
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

// NewPortProxy stands before a TCP address, of a node, say.
func NewPortProxy(t testing.TB, address string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("witness: %v", err)
	}
	p := &Proxy{listener: l, URL: l.Addr().String(), network: "tcp", upstream: address, open: map[net.Conn]bool{}}
	p.start(t)
	return p
}

// Lead makes new connections go to another database server.
func (p *Proxy) Lead(t testing.TB, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("witness: %v", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.network, p.upstream = "tcp", u.Host
	if q := u.Query(); q.Get("host") != "" {
		p.network, p.upstream = "unix", filepath.Join(q.Get("host"), ".s.PGSQL."+q.Get("port"))
	}
}

// Swallow loses one answer of the server, the next with this text in it, and lets everything else through.
func (p *Proxy) Swallow(text string) { p.mu.Lock(); p.swallow = text; p.mu.Unlock() }

// Swallowed reports whether it has.
func (p *Proxy) Swallowed() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.swallow == "" }

// CutAt cuts the connection at each of the next n requests with this text in them.
func (p *Proxy) CutAt(text string, n int) { p.mu.Lock(); p.cutText, p.cuts = text, n; p.mu.Unlock() }

// CutsLeft is how many of those are still to come.
func (p *Proxy) CutsLeft() int { p.mu.Lock(); defer p.mu.Unlock(); return p.cuts }

// Cut closes all connections without a word.
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
