package tcp

import (
	"container/list"
	"errors"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"time"

	"golang.org/x/time/rate"
)

// Listener bounds the connections of a node, whether or not they ever become displays. At the bound the oldest one that is
// no display is closed for a new one, so that a client that opens connections and does nothing with them keeps nobody out. It
// bounds the kernel's buffers of each connection, and lets a display that reads slowly be served over TLS: put it below
// [crypto/tls.NewListener].
type Listener struct {
	net.Listener
	most int
	log  *slog.Logger

	mu      sync.Mutex
	open    int
	waiting list.List // of *accepted, those that are no displays, oldest first
	cut     int       // connections since the last line about them
	lines   rate.Sometimes
}

// accepted is a connection of a listener.
type accepted struct {
	*steadyConn
	listener *Listener
	waits    *list.Element // its element of listener.waiting; nil once it is a display or closed; guarded by listener.mu
	gone     bool          // it is not counted any more; guarded by listener.mu
}

// NewListener limits how many connections there are at a time.
func NewListener(inner net.Listener, connections int, log *slog.Logger) *Listener {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Listener{Listener: inner, most: connections, log: log, lines: rate.Sometimes{First: 1, Interval: 10 * time.Second}}
}

// Accept returns the next connection. Where the process may open no more files, it says so in the log, and makes room.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			l.makeRoom("this process may open no more files: allow more (ulimit -n), or lower KITCHEN_MAX_CONNECTIONS")
		}
		if err != nil {
			return nil, err
		}
		c := &accepted{listener: l}
		c.steadyConn = newSteadyConn(conn, c.release)
		if l.take(c) || l.makeRoom("too many connections: see KITCHEN_MAX_CONNECTIONS") && l.take(c) {
			return c, nil
		}
		_ = conn.Close() // all others are displays
	}
}

// take counts a connection, unless there are too many.
func (l *Listener) take(c *accepted) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.most {
		return false
	}
	l.open++
	c.waits = l.waiting.PushBack(c)
	return true
}

// makeRoom closes the oldest connection that is no display, and reports whether there was one. It is not counted from here on, also where
// its Close is still under way elsewhere.
func (l *Listener) makeRoom(why string) bool {
	l.mu.Lock()
	var oldest *accepted
	if front := l.waiting.Front(); front != nil {
		oldest = front.Value.(*accepted)
	}
	l.cut++
	open, cut := l.open, l.cut
	l.lines.Do(func() {
		l.cut = 0
		l.log.Error(why, "connections", open, "displays", open-l.waiting.Len(), "cut", cut)
	})
	if oldest != nil {
		oldest.discount()
	}
	l.mu.Unlock()
	if oldest == nil {
		return false
	}
	_ = oldest.Close()
	return true
}

// becameDisplay takes a connection out of those that make room for others.
func (c *accepted) becameDisplay() {
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	c.forget()
}

func (c *accepted) release() {
	c.listener.mu.Lock()
	defer c.listener.mu.Unlock()
	c.discount()
}

// discount ends the counting of a connection, once. The caller holds listener.mu.
func (c *accepted) discount() {
	c.forget()
	if !c.gone {
		c.gone = true
		c.listener.open--
	}
}

// forget takes the connection out of waiting. The caller holds listener.mu.
func (c *accepted) forget() {
	if c.waits != nil {
		c.listener.waiting.Remove(c.waits)
		c.waits = nil
	}
}
