package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/local"
	. "kitchen/ws/board/boardtest"
	"kitchen/ws/credential"
)

func boardDistrustsTheDevice(t *testing.T, s scene) {
	// With numbers of their own: the business day may have begun between the two.
	s.run(t, `insert into orders (restaurant_id, order_number, created_at) values ($1::text::uuid, 1, now() - interval '2 minutes')`)
	s.run(t, `insert into orders (restaurant_id, order_number, created_at) values ($1::text::uuid, 2, now() - interval '11 minutes')`)
	for _, wrong := range []time.Duration{-10 * time.Minute, 10 * time.Minute} {
		p := s.open(t, Clock(wrong))
		p.Wait(Ticket(1) + ` && ` + Ticket(2))
		if age := p.Read(Ticket(1) + `.querySelector("time")`); !strings.HasPrefix(age, "2:") {
			t.Errorf("with a clock that is %v wrong a ticket of 2 minutes shows %s", wrong, age)
		}
		p.Wait(Ticket(2) + `.innerText.includes("LATE") && !` + Ticket(1) + `.innerText.includes("SLOW")`)
	}
}

func boardWhenHidden(t *testing.T, s scene) {
	s.order(t, "")
	p := s.open(t)
	p.Wait(Ticket(1))
	p.Hide()
	p.Wait(`document.visibilityState === "hidden"`)
	s.run(t, `update orders set status = 'cancelled' where restaurant_id = $1::text::uuid`)
	s.order(t, "")
	p.Wait(`chimes.includes("new") && chimes.includes("void")`) // it sounds, though nobody sees the page
	p.Show()
	p.Wait(`document.visibilityState === "visible"`)
	p.Wait(step(2, "START") + ` && ` + Ticket(1) + `.innerText.includes("CANCELLED")`)
	p.Wait(Status + ` === "Live"`)
}

// proxy forwards bytes until it goes mute: then nothing comes through open connections, and none is closed.
type proxy struct {
	net.Listener
	to    string
	wait  sync.WaitGroup
	mu    sync.Mutex
	conns []*proxied
}

// proxied is one connection through a proxy.
type proxied struct {
	outer, inner net.Conn
	mu           sync.Mutex
	mute         bool
}

func startProxy(t *testing.T, to string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: listener, to: to}
	p.wait.Go(func() {
		for {
			outer, err := p.Accept()
			if err != nil {
				return
			}
			inner, err := net.Dial("tcp", p.to)
			if err != nil {
				outer.Close()
				continue
			}
			c := &proxied{outer: outer, inner: inner}
			p.mu.Lock()
			p.conns = append(p.conns, c)
			p.mu.Unlock()
			p.wait.Go(func() { c.copy(inner, outer) })
			p.wait.Go(func() { c.copy(outer, inner) })
		}
	})
	t.Cleanup(func() {
		p.Close()
		p.mu.Lock()
		for _, c := range p.conns {
			c.outer.Close()
			c.inner.Close()
		}
		p.mu.Unlock()
		p.wait.Wait()
	})
	return p
}

func (c *proxied) copy(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		c.mu.Lock()
		mute := c.mute
		c.mu.Unlock()
		if mute {
			continueReading(from)
			return // neither side learns that the other is gone
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			to.Close()
			return
		}
	}
}

// continueReading swallows, so that nobody who writes ever waits.
func continueReading(from net.Conn) { _, _ = io.Copy(io.Discard, from) }

// goMute silences all open connections for ever; those that are opened later work.
func (p *proxy) goMute() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.mu.Lock()
		c.mute = true
		c.mu.Unlock()
	}
}

func boardBehindMuteProxy(t *testing.T, s scene) {
	between := startProxy(t, strings.TrimPrefix(s.served.url, "http://"))
	s.order(t, "")
	p := s.browser.Open(t, strings.Replace(s.board(t, s.house), s.served.url, "http://"+between.Addr().String(), 1))
	p.Wait(Status + ` === "Live"`)
	p.Wait(Ticket(1))
	between.goMute()
	s.order(t, "written into the silence")
	p.Wait(Status + `.startsWith("NOT LIVE 0:1")`) // after 12 s
	p.Wait(Status + ` === "Live"`)
	p.Wait(Ticket(2))
	p.Wait(`document.querySelector("#notices").innerText.includes("Back: 1 new while away")`)
}

func boardRenewsItsToken(t *testing.T, s scene) {
	sign := func(d time.Duration) string {
		token, err := credential.SignToken([]byte(testSecret), s.user, time.Now().Add(d))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	const life = 12 * time.Second
	first := sign(life)
	ends := time.Now().Add(life + 2*time.Second)
	p := s.browser.Open(t, s.served.url+"/kitchen/"+string(s.restaurant)+"#token="+first, Script(`
		globalThis.sockets = 0;
		globalThis.WebSocket = class extends WebSocket { constructor(...a) { super(...a); sockets++; } };`))
	p.Wait(Status + ` === "Live"`)
	p.Wait(`document.querySelector("#notices").innerText.includes("token ends in")`) // nobody has brought a new one yet
	Eval[any](p, `location.hash = "#token=`+sign(time.Hour)+`"`)
	p.Wait(`!document.querySelector("#notices").innerText.includes("token ends in")`)
	p.Hold(time.Until(ends), Status+` === "Live"`) // past the end of the first one
	if n := Eval[int](p, `sockets`); n != 1 {
		t.Errorf("the board opened %d sockets, want 1", n)
	}
	s.order(t, "")
	p.Wait(Ticket(1))
	p.Tap(step(1, "START"))
	s.status(t, 1, "preparing")
}

// TestBoardSurvivesTheServerAndPostgres kills both, and the rush goes on meanwhile.
func TestBoardSurvivesTheServerAndPostgres(t *testing.T) {
	t.Parallel()
	server := dbtest.Cluster(t, nil)
	node := spawn(t, onDatabase(server.URL()), "serve", "--listen", "127.0.0.1:0")
	url := node.line(t, "http://")
	h := newHouse(t, server.URL(), "ana")
	h.order(t, "")
	h.order(t, "")
	p := chromium.Start(t).Open(t, url+"/kitchen/"+string(h.restaurant)+"#token="+h.token(t))
	p.Wait(Status + ` === "Live"`)
	p.Wait(Ticket(2))

	// Postgres goes and comes back.
	if err := server.Halt(local.Immediate); err != nil {
		t.Fatal(err)
	}
	p.Wait(Status + `.startsWith("NOT LIVE")`)
	p.Wait(Ticket(1) + `.querySelector("button").disabled`)
	if err := server.Restart(t.Context(), local.Fast); err != nil {
		t.Fatal(err)
	}
	p.Wait(Status + ` === "Live"`)
	h.pool.Reset()
	h.order(t, "")
	p.Wait(Ticket(3))

	// The node is killed, orders are written, and another comes in its place.
	if err := node.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	node.wait(t)
	p.Wait(Status + `.startsWith("NOT LIVE")`)
	execute(t, h, `update orders set status = 'cancelled' where order_number = 1`)
	h.order(t, "")
	h.order(t, "")
	again := spawn(t, onDatabase(server.URL()), "serve", "--listen", strings.TrimPrefix(url, "http://"))
	again.line(t, "http://")
	p.Wait(Status + ` === "Live"`)
	p.Wait(`document.querySelector("#notices").innerText.includes("Back: 2 new, 1 cancelled while away")`)
	p.Wait(Ticket(5))
	// The banner has gone and tickets are where they were: what a finger means a moment later is taken.
	p.Hold(400*time.Millisecond, `!!(`+step(2, "START")+`)`)
	p.Tap(step(2, "START"))
	h.status(t, 2, "preparing")
}
