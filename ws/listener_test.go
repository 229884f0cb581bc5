//go:build unix

package ws

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func overBoth(t *testing.T, test func(t *testing.T, secure bool)) {
	for name, secure := range map[string]bool{"over TCP": false, "over TLS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, secure)
		})
	}
}

// Whoever opens connections and does nothing with them keeps no display out, and closes none.
func TestIdleConnectionsMakeRoomForDisplays(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, secure bool) {
		k := open(t, func(r *recipe) { r.connections, r.secure = 4, secure })
		first := k.join()
		var idle []net.Conn
		for range 20 {
			conn, err := net.Dial("tcp", k.listen.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			idle = append(idle, conn)
		}
		second := k.join()
		for _, c := range []*client{first, second} {
			c.send(`{"type":"list_recent"}`)
			c.want("recent_orders")
		}
		// The oldest were cut, all but as many as there is room for.
		for _, conn := range idle[:16] {
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			if _, err := conn.Read(make([]byte, 1)); err == nil || timedOut(err) {
				t.Errorf("one is still open: %v", err)
			}
		}
		if logs := k.logs.String(); strings.Count(logs, "KITCHEN_MAX_CONNECTIONS") != 1 {
			t.Errorf("not one line about it: %s", logs)
		}
	})
}

// Where all connections are displays there is no room, until one of them is gone.
func TestDisplaysMakeNoRoom(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.connections = 2 })
	first, second := k.join(), k.join()
	if conn, _, err := dialer().Dial(k.url(bistro)+"?token="+k.token(cook), nil); err == nil {
		conn.Close()
		t.Error("a third display was let in")
	}
	first.conn.Close()
	eventually(t, "the first is gone", func() bool { return k.server.Displays() == 1 })
	k.join()
	second.send(`{"type":"list_recent"}`)
	second.want("recent_orders")
}

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
	faulty, logs := &failing{Listener: inner}, &logRecorder{}
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
	_ = peer.SetReadDeadline(time.Now().Add(patience))
	if _, err := peer.Read(make([]byte, 1)); err == nil || timedOut(err) {
		t.Errorf("the oldest connection is still open: %v", err)
	}
	if n := strings.Count(logs.String(), "ulimit -n"); n != 1 {
		t.Errorf("%d lines say so:\n%s", n, logs)
	}
}

// Displays that come and go, in all the ways that there are, leave no connection counted.
func TestListenerForgetsWhatIsGone(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, secure bool) {
		k := open(t, func(r *recipe) { r.secure = secure })
		token := k.token(cook)
		socket := func(token string) (text string) {
			conn, _, err := dialer().Dial(k.url(bistro)+"?token="+token, nil)
			if err != nil {
				t.Error(err)
				return ""
			}
			defer conn.NetConn().Close()
			_, message, _ := conn.ReadMessage()
			return string(message)
		}
		var coming sync.WaitGroup
		for i := range 40 {
			coming.Go(func() {
				switch i % 4 {
				case 0:
					if conn, err := net.Dial("tcp", k.listen.Addr().String()); err == nil {
						conn.Close()
					}
				case 1:
					if text := socket("bad"); text != "" {
						t.Errorf("a bad token was told %s", text)
					}
				case 2:
					if !strings.Contains(socket(token), "initial_queue") {
						t.Error("no queue")
					}
				default:
					response, err := k.http.Client().Get(strings.Replace(k.url(bistro), "ws", "http", 1))
					if err != nil {
						t.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			})
		}
		coming.Wait()
		k.http.Client().CloseIdleConnections()
		eventually(t, "nothing is counted", func() bool {
			k.listen.mu.Lock()
			defer k.listen.mu.Unlock()
			return k.listen.open == 0 && k.listen.waiting.Len() == 0
		})
	})
}

// What waits in the kernel for those who do not read is bounded, before the upgrade and over TLS, too.
func TestKernelBuffersOfEveryConnectionAreBounded(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, secure bool) {
		k := open(t, func(r *recipe) { r.secure = secure })
		c := k.join()
		idle, err := net.Dial("tcp", k.listen.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer idle.Close()
		waiting := func() *connection {
			k.listen.mu.Lock()
			defer k.listen.mu.Unlock()
			if front := k.listen.waiting.Front(); front != nil {
				return front.Value.(*connection)
			}
			return nil
		}
		eventually(t, "it is accepted", func() bool { return waiting() != nil })
		for _, conn := range []*steadyConn{waiting().steadyConn, k.displayOf(0).socket.steady} {
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
		c.send(`{"type":"list_recent"}`)
		c.want("recent_orders")
	})
}
