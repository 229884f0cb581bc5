package board_test

import (
	"net"
	"sync"
)

// wire is the way to the server: it can refuse everybody, and be cut.
type wire struct {
	net.Listener
	mu    sync.Mutex
	mode  wireMode
	conns map[*tapped]bool
}

type wireMode int

const (
	normal wireMode = iota
	refuse          // nobody gets through
)

func (l *wire) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		if l.mode == refuse {
			l.mu.Unlock()
			conn.Close()
			continue
		}
		c := &tapped{Conn: conn, wire: l}
		l.conns[c] = true
		l.mu.Unlock()
		return c, nil
	}
}

// set changes the mode for connections to come.
func (l *wire) set(mode wireMode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mode = mode
}

// cut ends all connections at once, as a killed server does.
func (l *wire) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		c.Conn.Close()
	}
}

type tapped struct {
	net.Conn
	wire *wire
}

func (c *tapped) Close() error {
	c.wire.mu.Lock()
	delete(c.wire.conns, c)
	c.wire.mu.Unlock()
	return c.Conn.Close()
}
