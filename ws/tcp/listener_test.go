//go:build unix

package tcp

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// failing is a listener of a process that may open no more files for a while.
type failing struct {
	net.Listener
	times int
}

func (f *failing) Accept() (net.Conn, error) {
	if f.times > 0 {
		f.times--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return f.Listener.Accept()
}

func TestTooManyOpenFilesAreLoggedAndMakeRoom(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	faulty, logs := &failing{Listener: inner}, &strings.Builder{}
	l := NewListener(faulty, 10, slog.New(slog.NewTextHandler(logs, nil)))
	defer l.Close()
	peer, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	if _, err := l.Accept(); err != nil {
		t.Fatal(err)
	}
	faulty.times = 100
	for range 100 {
		if _, err := l.Accept(); !errors.Is(err, syscall.EMFILE) {
			t.Fatal(err)
		}
	}
	_ = peer.SetReadDeadline(time.Now().Add(waitLimit))
	if _, err := peer.Read(make([]byte, 1)); err == nil || TimedOut(err) {
		t.Errorf("the oldest connection is still open: %v", err)
	}
	if n := strings.Count(logs.String(), "ulimit -n"); n != 1 {
		t.Errorf("%d lines say so:\n%s", n, logs)
	}
}

// slowToClose is a listener whose connections end their Close only when they may.
type slowToClose struct {
	net.Listener
	closing, may chan struct{}
}

func (s slowToClose) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	return &slowConn{Conn: conn, listener: s}, err
}

type slowConn struct {
	net.Conn
	listener slowToClose
	closed   atomic.Bool
}

func (c *slowConn) Close() error {
	if c.closed.Swap(true) {
		return net.ErrClosed
	}
	c.listener.closing <- struct{}{}
	<-c.listener.may
	return c.Conn.Close()
}

// The connection that makes room may be closing already: the new one is not closed in its place.
func TestConnectionThatIsClosingMakesRoom(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	slow := slowToClose{inner, make(chan struct{}, 9), make(chan struct{})}
	l := NewListener(slow, 1, nil)
	defer l.Close()
	dial := func() net.Conn {
		peer, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = peer.Close() })
		return peer
	}
	dial()
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() { defer close(closed); _ = first.Close() }()
	<-slow.closing
	late := dial()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, _ := l.Accept()
		accepted <- conn
	}()
	select {
	case <-slow.closing:
		t.Error("the new connection was closed")
	case conn := <-accepted:
		if conn == nil || conn.RemoteAddr().String() != late.LocalAddr().String() {
			t.Errorf("%v was accepted, not %v", conn, late.LocalAddr())
		}
		defer conn.Close()
	case <-time.After(waitLimit):
		t.Error("nothing was accepted")
	}
	close(slow.may)
	<-closed
}

// What waits in the kernel for those who do not read is bounded, before the upgrade and over TLS, too.
func TestKernelBuffersOfEveryConnectionAreBounded(t *testing.T) {
	for name, secure := range map[string]bool{"over TCP": false, "over TLS": true} {
		t.Run(name, func(t *testing.T) {
			inner, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			l := NewListener(inner, 10, nil)
			defer l.Close()
			peer, err := net.Dial("tcp", inner.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer peer.Close()
			given, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer given.Close()
			before := given.(*accepted).steadyConn
			if secure {
				given = tls.Server(given, &tls.Config{})
			}
			after := TakeOver(given)
			for _, conn := range []*steadyConn{before, after.steady} {
				for option, most := range map[int]int{syscall.SO_SNDBUF: 2 * kernelWriteBuffer, syscall.SO_RCVBUF: 2 * kernelReadBuffer} {
					var bytes int
					var failed error
					if err := conn.raw.Control(func(fd uintptr) { bytes, failed = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, option) }); err != nil || failed != nil {
						t.Fatal(err, failed)
					}
					if bytes > most {
						t.Errorf("a buffer of %d bytes, want at most %d", bytes, most)
					}
				}
			}
		})
	}
}
