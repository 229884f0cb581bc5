package tcp

import (
	"crypto/tls"
	"errors"
	"net"
	"syscall"
	"time"
)

// The kernel's buffers for one connection, in bytes, before it doubles them for its own bookkeeping.
const (
	kernelWriteBuffer = 128 << 10
	kernelReadBuffer  = 32 << 10
)

// Conn is a connection that was taken over from net/http. Its Write waits for the peer, but fails only if the peer has taken no
// byte for the write timeout.
type Conn struct {
	net.Conn
	steady   *steadyConn     // Conn itself, or what lies below its TLS
	accepted *accepted       // by a Listener; nil where it came from elsewhere
	raw      syscall.RawConn // nil where nothing can be written without waiting, such as under TLS
}

// TakeOver takes over a connection, with TLS or without.
func TakeOver(given net.Conn) Conn {
	c := Conn{Conn: given}
	secure, isTLS := given.(*tls.Conn)
	below := given
	if isTLS {
		below = secure.NetConn()
	}
	if a, ok := below.(*accepted); ok {
		c.accepted, c.steady = a, a.steadyConn
	} else {
		c.steady = newSteadyConn(given, nil)
	}
	if !isTLS || c.accepted == nil {
		c.Conn, c.raw = c.steady, c.steady.raw
	}
	return c
}

// SetWriteTimeout sets for how long the peer may take no byte of what is written to it.
func (c *Conn) SetWriteTimeout(d time.Duration) { c.steady.setTimeout(d) }

// BecameDisplay says that the connection need not make room for others any more.
func (c *Conn) BecameDisplay() {
	if c.accepted != nil {
		c.accepted.becameDisplay()
	}
}

// Cut closes the TCP connection at once. Close of a TLS connection first sends an alert, and may wait for that.
func (c *Conn) Cut() { _ = c.steady.Close() }

// CloseWrite says to the peer that nothing more will be written, and fails where the connection cannot say that.
func (c *Conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// AwaitInput waits until there is something to read, or reading would fail. It needs less than 2 KiB of stack, where a read
// through a WebSocket library needs more. A goroutine that waits here keeps the smallest stack that the runtime gives.
func (c *Conn) AwaitInput() {
	if c.raw == nil {
		return
	}
	// The callback checks before each wait, because input from before the runtime began to watch does not wake it.
	_ = c.raw.Read(func(fd uintptr) bool { return !nothingToRead(fd) }) // if it fails, so does the next read
}

// Attempt is a write that does not wait. It can be used again, one connection after the other, and then allocates nothing.
type Attempt struct {
	frame   []byte
	written int
	err     error
	try     func(fd uintptr) (done bool)
}

// NewAttempt makes one.
func NewAttempt() *Attempt {
	a := &Attempt{}
	a.try = func(fd uintptr) bool {
		a.written, a.err = writeNow(fd, a.frame)
		return true // false would make RawConn.Write wait until the socket is writable
	}
	return a
}

// Write writes as much of a frame as the kernel takes without waiting, which may be nothing.
func (a *Attempt) Write(c *Conn, frame []byte) (int, error) {
	if c.raw == nil {
		return 0, nil
	}
	a.frame, a.written, a.err = frame, 0, nil
	err := c.raw.Write(a.try)
	a.frame = nil
	if err != nil {
		return 0, err
	}
	return a.written, a.err
}
