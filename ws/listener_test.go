//go:build unix

package ws

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"kitchen/ws/tcp"

	"github.com/gorilla/websocket"
)

func overBoth(t *testing.T, test func(t *testing.T, secure bool)) {
	for name, secure := range map[string]bool{"over TCP": false, "over TLS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, secure)
		})
	}
}

// A client that opens connections and does nothing with them keeps no display out, and closes none.
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
		for _, cut := range idle[:16] {
			_ = cut.SetReadDeadline(time.Now().Add(waitLimit))
			if _, err := cut.Read(make([]byte, 1)); err == nil || tcp.TimedOut(err) {
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

// Displays that come and go, in all the ways that there are, leave no connection counted.
func TestListenerForgetsWhatIsGone(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, secure bool) {
		const most = 40
		k := open(t, func(r *recipe) { r.connections, r.secure = most, secure })
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
		// Were one of those counted still, there would be no room for the last of so many displays.
		eventually(t, "nothing is counted", func() bool {
			var displays []*websocket.Conn
			defer func() {
				for _, d := range displays {
					d.Close()
				}
				eventually(t, "all have left", func() bool { return k.server.Displays() == 0 })
			}()
			for range most {
				d, _, err := dialer().Dial(k.url(bistro)+"?token="+token, nil)
				if err != nil {
					return false
				}
				displays = append(displays, d)
			}
			return true
		})
	})
}
