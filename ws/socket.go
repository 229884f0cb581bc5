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

// cut closes the TCP connection at once. Close of a TLS connection first sends an alert, and may wait for that.
func (k *socket) cut() { _ = k.steady.Close() }

func (k *socket) Write(p []byte) (int, error) {
	if k.display == nil {
		return k.Conn.Write(p)
	}
	k.display.control(p)
	return len(p), nil
}

// SetWriteDeadline ignores the deadline that gorilla sets before each control frame, since it would cut off the display's writer.
func (k *socket) SetWriteDeadline(t time.Time) error {
	if k.display == nil {
		return k.Conn.SetWriteDeadline(t)
	}
	return nil
}

// awaitInput waits until there is something to read, or reading would fail. It is called only before a display's first
// message: later input may already be in gorilla's buffer.
//
// It saves 2 KiB of stack for each display that has sent nothing yet, which is every display in the 25 s after a restart,
// when memory is at its peak. A display waits here with less than 2 KiB of stack, and in gorilla's read with more, for which the
// runtime gives it 4 KiB. BenchmarkIdleDisplay, 5,000 displays, four runs by turns, Go 1.26: 7.5 KiB a display
// with it and 9.9 without; once each display has answered a ping, 7.6 either way.
func (k *socket) awaitInput() {
	if k.raw == nil {
		return
	}
	// It looks before each wait: what came before the runtime began to watch wakes nobody.
	_ = k.raw.Read(func(fd uintptr) bool { return !nothingToRead(fd) }) // where it fails, the next read does
}

// attempt is one write that does not wait. Attempts and their func are reused, so that a write allocates nothing.
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
		return true // false would make RawConn.Write wait until the socket is writable
	}
	return a
}

// tryWrite writes as much of a frame as the kernel takes without waiting, which may be nothing.
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
