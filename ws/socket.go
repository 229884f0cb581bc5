package ws

import (
	"crypto/tls"
	"net"
	"syscall"
	"time"
)

// socket is a display's connection as gorilla sees it. Gorilla reads from it; what gorilla writes by itself, which is
// pongs and close frames, goes through the display's queue, so that only one writer ever touches the connection and a
// reader never waits for a slow peer.
type socket struct {
	net.Conn
	steady   *steadyConn     // Conn itself, or what lies below its TLS
	accepted *connection     // by a Listener; nil where it came from elsewhere
	raw      syscall.RawConn // nil where nothing can be written without waiting, such as under TLS
	display  *display        // nil until the handshake is answered
}

// newSocket takes over a connection from net/http.
func newSocket(conn net.Conn) *socket {
	k := &socket{Conn: conn}
	secure, isTLS := conn.(*tls.Conn)
	below := conn
	if isTLS {
		below = secure.NetConn()
	}
	if c, ok := below.(*connection); ok {
		k.accepted, k.steady = c, c.steadyConn
	} else {
		k.steady = newSteadyConn(conn, nil)
	}
	if !isTLS || k.accepted == nil {
		k.Conn, k.raw = k.steady, k.steady.raw
	}
	return k
}

// cut ends the connection at once. Close, over TLS, first says goodbye, and may wait for that.
func (k *socket) cut() { _ = k.steady.Close() }

func (k *socket) Write(p []byte) (int, error) {
	if k.display == nil {
		return k.Conn.Write(p)
	}
	k.display.control(p)
	return len(p), nil
}

// SetWriteDeadline keeps gorilla's deadlines, which it sets before each control frame, off the display's writer.
func (k *socket) SetWriteDeadline(t time.Time) error {
	if k.display == nil {
		return k.Conn.SetWriteDeadline(t)
	}
	return nil
}

// awaitInput waits until there is something to read, or reading would fail: before a display's first message alone, because
// what follows that may be in gorilla's buffer already.
//
// A display of which nothing was read so far waits here, where its stack is half as deep as in gorilla's read. The runtime
// gives a new goroutine a stack of the average depth (runtime.gcComputeStartingStackSize): with every display waiting
// there, 30 to 70 % of 5,000 that came at once began with 4 KiB instead of 2.
func (k *socket) awaitInput() {
	if k.raw == nil {
		return
	}
	// It looks before each wait: what came before the runtime began to watch wakes nobody.
	_ = k.raw.Read(func(fd uintptr) bool { return !nothingToRead(fd) }) // where it fails, the next read does
}

// tcpSocket is a socket for reading from without a stack frame of its own, which an embedded interface would take.
type tcpSocket struct {
	*net.TCPConn
	socket *socket
}

func (t *tcpSocket) Write(p []byte) (int, error) { return t.socket.Write(p) }
func (t *tcpSocket) Close() error                { return t.socket.Close() }
func (t *tcpSocket) SetWriteDeadline(deadline time.Time) error {
	return t.socket.SetWriteDeadline(deadline)
}

// attempt is one try at writing without waiting. It is reused, with its func, so that a try allocates nothing.
type attempt struct {
	frame   []byte
	written int
	err     error
	try     func(fd uintptr) (done bool)
}

func newAttempt() *attempt {
	a := &attempt{}
	a.try = func(fd uintptr) bool {
		a.written, a.err = writeNow(fd, a.frame)
		return true // whatever came of it: to say no would mean to wait
	}
	return a
}

// tryWrite writes as much as the kernel takes at once, which may be nothing.
func (k *socket) tryWrite(a *attempt, frame []byte) (int, error) {
	if k.raw == nil {
		return 0, nil
	}
	a.frame, a.written, a.err = frame, 0, nil
	err := k.raw.Write(a.try)
	a.frame = nil
	if err != nil {
		return 0, err
	}
	return a.written, a.err
}
