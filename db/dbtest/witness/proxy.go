package witness

import (
	"bytes"
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

// Gate holds up what goes through a [Proxy].
type Gate struct {
	Reached chan struct{} // closed when something is held up

	text     string
	answer   bool
	reach    sync.Once
	released chan struct{}
	release  sync.Once
}

// Release lets go what is held up, and holds up nothing more.
func (g *Gate) Release() { g.release.Do(func() { close(g.released) }) }

func (g *Gate) wait() {
	g.reach.Do(func() { close(g.Reached) })
	<-g.released
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

// Hold holds up the next request with this text in it, and everything after it on that connection, before the server has it.
func (p *Proxy) Hold(text string) *Gate { return p.gate(text, false) }

// HoldAnswer holds up the answer to such a request: the server has it, and the client does not know.
func (p *Proxy) HoldAnswer(text string) *Gate { return p.gate(text, true) }

func (p *Proxy) gate(text string, answer bool) *Gate {
	g := &Gate{Reached: make(chan struct{}), text: text, answer: answer, released: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gates = append(p.gates, g)
	return g
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

// pair is the two halves of a connection.
type pair struct {
	client, server net.Conn

	mu   sync.Mutex
	gate *Gate // before the next answer
}

func (c *pair) close() { _ = c.client.Close(); _ = c.server.Close() }

func (p *Proxy) close(c *pair) {
	c.close()
	p.mu.Lock()
	delete(p.open, c.client)
	delete(p.open, c.server)
	p.mu.Unlock()
}

func (p *Proxy) requests(c *pair) {
	defer p.close(c)
	buffer := make([]byte, 64<<10)
	for {
		n, err := c.client.Read(buffer)
		if err != nil {
			return
		}
		if p.Hole.Load() {
			continue
		}
		gate, cut := p.meets(buffer[:n])
		if cut {
			return
		}
		if gate != nil {
			if gate.answer {
				c.mu.Lock()
				c.gate = gate
				c.mu.Unlock()
			} else {
				gate.wait()
			}
		}
		if !p.write(c.server, buffer[:n]) {
			return
		}
	}
}

// meets looks for what is to happen at a request, which comes in one piece: clients write their messages so.
func (p *Proxy) meets(request []byte) (gate *Gate, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cuts > 0 && bytes.Contains(request, []byte(p.cutText)) {
		p.cuts--
		return nil, true
	}
	for i, g := range p.gates {
		if bytes.Contains(request, []byte(g.text)) {
			select {
			case <-g.released:
			default:
				gate = g
				if g.answer {
					p.gates = append(p.gates[:i:i], p.gates[i+1:]...)
				}
				return gate, false
			}
		}
	}
	return nil, false
}

func (p *Proxy) answers(c *pair) {
	defer p.close(c)
	buffer := make([]byte, 64<<10)
	sent := int64(0)
	for {
		n, err := c.server.Read(buffer)
		if err != nil {
			return
		}
		c.mu.Lock()
		gate := c.gate
		c.gate = nil
		c.mu.Unlock()
		if gate != nil {
			gate.wait()
		}
		if p.Hole.Load() || p.HoleAnswers.Load() {
			continue
		}
		answer := p.without(buffer[:n])
		if p.OtherPID.Load() {
			// BackendKeyData: 'K', length 12, process id, key.
			if i := bytes.Index(answer, []byte{'K', 0, 0, 0, 12}); i >= 0 {
				answer[i+8] ^= 0x55
			}
		}
		if after := p.CutAfter.Load(); after > 0 && sent+int64(len(answer)) >= after {
			_, _ = c.client.Write(answer[:max(after-sent, 0)])
			return
		}
		sent += int64(len(answer))
		if !p.write(c.client, answer) {
			return
		}
	}
}

// without takes the one notification out that is to be swallowed. A small one comes in one piece with others, if any.
func (p *Proxy) without(answer []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.swallow == "" {
		return answer
	}
	for at := 0; at+5 <= len(answer); {
		length := 1 + int(answer[at+1])<<24 + int(answer[at+2])<<16 + int(answer[at+3])<<8 + int(answer[at+4])
		if at+length > len(answer) {
			break
		}
		if answer[at] == 'A' && bytes.Contains(answer[at:at+length], []byte(p.swallow)) {
			p.swallow = ""
			return append(bytes.Clone(answer[:at]), answer[at+length:]...)
		}
		at += length
	}
	return answer
}

func (p *Proxy) write(to net.Conn, b []byte) bool {
	for len(b) > 0 {
		piece := b
		if most := p.Piece.Load(); most > 0 && int64(len(b)) > most {
			piece = b[:most]
		}
		if delay := p.Delay.Load(); delay != nil {
			time.Sleep((*delay)())
		}
		if _, err := to.Write(piece); err != nil {
			return false
		}
		b = b[len(piece):]
	}
	return true
}
