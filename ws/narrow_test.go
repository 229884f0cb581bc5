package ws

import (
	"net"
	"net/http"
)

// dialNarrow connects a display whose kernel takes only some bytes, so that it is soon slow.
func (k *kitchen) dialNarrow(bytes int) *client {
	k.t.Helper()
	dialer := dialer()
	dialer.NetDial = func(network, addr string) (net.Conn, error) {
		conn, err := net.Dial(network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(bytes)
		}
		return conn, err
	}
	conn, _, err := dialer.Dial(k.url(bistro), http.Header{"Authorization": {"Bearer " + k.token(cook)}})
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { conn.Close() })
	c := &client{t: k.t, conn: conn}
	c.want("initial_queue")
	return c
}

// displayOf finds the server's side of a restaurant's display by the order of joining.
func (k *kitchen) displayOf(n int) *display {
	k.server.mu.Lock()
	defer k.server.mu.Unlock()
	g := k.server.groups[bistro]
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.members[n]
}

func (d *display) state() progress {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.progress
}

func (d *display) eventsWaiting() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.events
}

func (d *display) isWriting() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.writing
}
