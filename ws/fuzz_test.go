package ws

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
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
)

// Targets for what comes from outside, besides FuzzRequest, FuzzToken, FuzzRestaurantPath and FuzzKeySet, which stand with
// the tests of what they try.

func FuzzHandshakeToken(f *testing.F) {
	for _, seed := range [][3]string{
		{"token=a.b.c", "", ""}, {"", "Bearer a.b.c", ""}, {"", "", "kitchen.v1, bearer.a.b.c"}, {"token=x&token=y", "bearer z", "bearer."},
		{"token=%zz;&token", "Basic YTpi", ",,bearer.x,"}, {"TOKEN=x", "Bearer", "Bearer.x"}, {"token=", "Bearer  x ", " bearer.x\t"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, query, authorization, protocols string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = query
		r.Header["Authorization"] = []string{authorization}
		r.Header["Sec-Websocket-Protocol"] = []string{protocols}
		token, why := tokenOf(r)
		if (token == "") == (why == noClosing()) {
			t.Fatalf("token %q, %+v", token, why)
		}
		if why != noClosing() && why.code != 4001 {
			t.Errorf("refused with %d", why.code)
		}
		// Nothing is made up, and the same comes from any one of the places.
		in := r.URL.Query().Get("token") + "\n" + authorization + "\n" + protocols
		for _, more := range r.URL.Query()["token"] {
			in += "\n" + more
		}
		if !strings.Contains(in, token) {
			t.Errorf("token %q of query %q, Authorization %q, subprotocols %q", token, query, authorization, protocols)
		}
	})
}

func FuzzOrigin(f *testing.F) {
	for _, seed := range [][3]string{
		{"https://*.example.com", "board.test", "https://a.example.com"}, {"https://board.example.com:8443", "board.test:8080", "http://board.test:8080"},
		{"null", "board.test", "null"}, {"*", "", ""}, {"http://[::1]:80", "[::1]", "http://[::1]"}, {"https://*.b", "b", "https://a.b@evil"},
		{"https://board.test", "board.test", "https://board.test.evil"}, {"https://x", "x", "https://x/"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, allowed, host, from string) {
		o, err := parseOrigins([]string{allowed})
		if err != nil {
			return
		}
		r := &http.Request{Host: host, Header: http.Header{"Origin": {from}}}
		if !o.allow(r) || o.any || from == "null" && o.null {
			return
		}
		// Whoever is let in is named by the list, or is the host itself.
		scheme, rest, ok := strings.Cut(strings.ToLower(from), "://")
		if !ok || scheme != "http" && scheme != "https" || strings.ContainsAny(rest, "@/?#") {
			t.Fatalf("a page of %q was let in", from)
		}
		bare := func(host string) string {
			if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
				host = host[:at]
			}
			return strings.Trim(host, "[]")
		}
		_, entry, _ := strings.Cut(strings.ToLower(allowed), "://")
		page, listed := bare(rest), bare(entry)
		if suffix, wild := strings.CutPrefix(listed, "*"); page != bare(strings.ToLower(host)) && page != listed &&
			!(wild && strings.HasSuffix(page, suffix)) {
			t.Errorf("a page of %q was let in at %q, where %q is allowed", from, host, allowed)
		}
	})
}

func FuzzPublicKeys(f *testing.F) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	for _, public := range []any{&ec.PublicKey, &rs.PublicKey, ed} {
		f.Add(publicPEM(f, public))
	}
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := parsePublicKeys(text)
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, k := range keys {
			if k.method != keys[0].method {
				t.Errorf("a mix of %s and %s", k.method, keys[0].method)
			}
		}
	})
}

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
		_ = peer.SetDeadline(time.Now().Add(patience))
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
		case head[0] == opText && json.Valid(body), head[0] == opPing, head[0] == opPong && size <= 125:
		case head[0] == opClose && size <= 125 && (size == 0 || size >= 2 && utf8.Valid(body[2:])):
			closed = true
		default:
			return fmt.Errorf("a frame %x of %d bytes: %q", head[0], size, body)
		}
	}
}
