package ws

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kitchen/db/order"
	"kitchen/ws/protocol"
)

// pipeWriter answers a handshake on one end of a pipe.
type pipeWriter struct {
	http.ResponseWriter
	conn net.Conn
}

func (w pipeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

// FuzzFrames is a peer that sends anything at all once it is a display.
func FuzzFrames(f *testing.F) {
	masked := func(op byte, payload string) string {
		return string([]byte{op, 0x80 | byte(len(payload)), 0, 0, 0, 0}) + payload
	}
	for _, seed := range []string{
		"", masked(0x81, `{"type":"list_recent"}`), masked(0x01, `{"type":`) + masked(0x89, "x") + masked(0x80, `"list_recent"}`),
		masked(0x88, "\x03\xe8bye"), masked(0x8a, ""), "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", masked(0xc1, "\x00"),
		strings.Repeat(masked(0x00, ""), 20), strings.Repeat(masked(0x89, "ping"), 150), masked(0x82, "\xff"), "GET / HTTP/1.1\r\n\r\n",
		masked(0x81, `{"type":"update_status","order_id":"`+string(soup)+`","status":"ready","request_id":1}`),
		masked(0x81, `{"type":"authenticate","token":"x"}`),
	} {
		f.Add([]byte(seed))
	}
	k := open(f)
	token := k.token(cook)
	f.Fuzz(func(t *testing.T, sent []byte) {
		server, peer := net.Pipe()
		defer peer.Close()
		_ = peer.SetDeadline(time.Now().Add(waitLimit))
		r := httptest.NewRequest("GET", "/ws/kitchen/"+string(bistro)+"/", nil)
		r.SetPathValue("restaurant_id", string(bistro))
		for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
			"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Authorization": "Bearer " + token} {
			r.Header.Set(name, value)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			k.server.ServeHTTP(pipeWriter{httptest.NewRecorder(), server}, r)
		}()
		back := bufio.NewReader(peer)
		answer, err := http.ReadResponse(back, r)
		if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
			t.Fatal(answer, err)
		}
		said := make(chan error, 1)
		go func() { said <- readFrames(back) }()
		_, _ = peer.Write(sent)
		_ = peer.Close()
		<-done
		if err := <-said; err != nil {
			t.Errorf("after %q the server says %v", sent, err)
		}
		eventually(t, "its place is free", func() bool { return k.server.Displays() == 0 })
	})
}

// readFrames reads what a server sends, to its end, and says what is wrong with it.
func readFrames(r io.Reader) error {
	for closed := false; ; {
		var head [2]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return nil
		}
		size := uint64(head[1])
		switch size {
		case 126:
			var more [2]byte
			if _, err := io.ReadFull(r, more[:]); err != nil {
				return nil
			}
			size = uint64(binary.BigEndian.Uint16(more[:]))
		case 127:
			return errors.New("a frame of 64 KiB and more")
		}
		var payload bytes.Buffer
		if n, err := io.CopyN(&payload, r, int64(size)); err != nil || n < int64(size) {
			return nil
		}
		body := payload.Bytes()
		switch {
		case closed:
			return errors.New("something after its close frame")
		case head[0] == protocol.Text && json.Valid(body), head[0] == protocol.Ping, head[0] == protocol.Pong && size <= 125:
		case head[0] == protocol.Close && size <= 125 && (size == 0 || size >= 2 && utf8.Valid(body[2:])):
			closed = true
		default:
			return fmt.Errorf("a frame %x of %d bytes: %q", head[0], size, body)
		}
	}
}

func FuzzRestaurantPath(f *testing.F) {
	for _, seed := range []string{string(bistro), strings.ToUpper(string(bistro)), string(bistro) + " ", "{" + string(bistro) + "}",
		"urn:uuid:" + string(bistro), strings.ReplaceAll(string(bistro), "-", ""), "", "42", strings.Repeat("-", 36)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		id, err := order.UUID.Parse(path)
		if err != nil {
			return
		}
		if again, err := order.UUID.Parse(id); err != nil || again != id || !strings.EqualFold(id, path) || len(id) != 36 {
			t.Errorf("%q became %q, which became %q", path, id, again)
		}
	})
}
