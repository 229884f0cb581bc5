package tcp

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// steadyConn is a connection whose write fails only when the peer has taken no byte for the write timeout, however long the
// whole write lasts. It lies below TLS, because a tls.Conn fails for good after one write that timed out, even if the peer was
// reading all the time.
type steadyConn struct {
	net.Conn                 // TCP, except in tests
	raw      syscall.RawConn // of Conn; nil where it has none
	released func()          // called by the first Close; may be nil

	mu      sync.Mutex
	timeout time.Duration // how long the peer may take no byte. 0 before the upgrade, when net/http sets the deadlines
	ending  bool          // the last deadline was set, and is never extended
	closed  bool
}

// newSteadyConn also bounds the kernel's buffers of the connection, which could otherwise grow to megabytes before a slow display
// is noticed. If a bound cannot be set, the kernel's own applies.
func newSteadyConn(conn net.Conn, released func()) *steadyConn {
	c := &steadyConn{Conn: conn, released: released}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(kernelWriteBuffer)
		_ = tcp.SetReadBuffer(kernelReadBuffer)
		if raw, err := tcp.SyscallConn(); err == nil {
			c.raw = raw
		}
	}
	return c
}

// setTimeout sets the write timeout, after the upgrade.
func (c *steadyConn) setTimeout(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timeout = d
}

func (c *steadyConn) Write(p []byte) (written int, err error) {
	if !c.extend() {
		return c.Conn.Write(p)
	}
	defer c.forgetDeadline()
	for {
		n, err := c.Conn.Write(p[written:])
		written += n
		if !TimedOut(err) {
			return written, err
		}
		if n == 0 {
			if n = c.writeWhatFits(p[written:]); n == 0 {
				return written, err
			}
			if written += n; written == len(p) {
				return written, nil
			}
		}
		c.extend()
	}
}

// writeWhatFits writes into a socket that was not called writable in time: Linux only says so when a third of its buffer is
// free (sk_stream_is_writeable in net/sock.h), and a display that reads slowly may take longer than that.
func (c *steadyConn) writeWhatFits(p []byte) (n int) {
	if c.raw == nil {
		return 0
	}
	c.extend() // or this write would fail at once, because the deadline has passed
	_ = c.raw.Write(func(fd uintptr) bool {
		n, _ = writeNow(fd, p)
		return true
	})
	return n
}

// extend extends the write deadline, unless the connection is ending. It reports whether there is a write timeout yet.
func (c *steadyConn) extend() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timeout > 0 && !c.ending {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(c.timeout))
	}
	return c.timeout > 0
}

// forgetDeadline removes the deadline after a write. A deadline that has passed would fail later writes, even those that do not wait.
func (c *steadyConn) forgetDeadline() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ending {
		_ = c.Conn.SetWriteDeadline(time.Time{})
	}
}

// SetWriteDeadline after the upgrade sets the last deadline: no write extends it.
func (c *steadyConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending {
		return nil
	}
	c.ending = c.timeout > 0
	return c.Conn.SetWriteDeadline(t)
}

func (c *steadyConn) SetDeadline(t time.Time) error {
	if err := c.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.Conn.SetReadDeadline(t)
}

// CloseWrite says that nothing more will be written, where the connection can.
func (c *steadyConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return net.ErrClosed
}

func (c *steadyConn) Close() error {
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	c.mu.Unlock()
	err := c.Conn.Close()
	if first && c.released != nil {
		c.released()
	}
	return err
}

// TimedOut reports whether a read or a write failed because its deadline passed.
func TimedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
