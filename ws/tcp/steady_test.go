//go:build unix

package tcp

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// waitLimit is how long a test waits for something that should come at once.
const waitLimit = 20 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// connected is the two ends of a TCP connection, and the second as the kernel has it.
func connected(t *testing.T) (peer, conn net.Conn, raw syscall.RawConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if peer, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = peer.Close() })
	if conn, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if raw, err = conn.(*net.TCPConn).SyscallConn(); err != nil {
		t.Fatal(err)
	}
	return peer, conn, raw
}

// stalled is a connection that the kernel never calls writable.
type stalled struct{ net.Conn }

func (stalled) Write([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func TestWriterTriesOnceMoreBeforeItGivesUp(t *testing.T) {
	t.Parallel()
	peer, conn, raw := connected(t)
	c := &steadyConn{Conn: stalled{conn}, raw: raw}
	c.setTimeout(time.Hour)
	if n, err := c.Write([]byte("hello")); err != nil || n != 5 {
		t.Fatalf("it gave up after %d bytes, although there was room: %v", n, err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(peer, got); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

// The deadline that is set when a display is closed is the last one: no write that is under way extends it.
func TestLastDeadlineOfAConnectionHolds(t *testing.T) {
	t.Parallel()
	_, conn, _ := connected(t)
	c := newSteadyConn(conn, nil)
	c.setTimeout(time.Hour)
	ended := make(chan error, 1)
	go func() {
		_, err := c.Write(make([]byte, 64<<20)) // which nobody reads
		ended <- err
	}()
	if err := c.SetDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if err := c.SetWriteDeadline(time.Now().Add(time.Hour)); err != nil { // as tls.Conn does to say goodbye
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !TimedOut(err) {
			t.Error(err)
		}
	case <-time.After(waitLimit):
		t.Fatal("it writes on")
	}
}
