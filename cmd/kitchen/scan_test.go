package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

// findToken finds what looks like a signed token. The logs of every program that a test of this package starts are looked
// through, whatever the test is about.
func findToken(text string) string {
	return regexp.MustCompile(`eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}`).FindString(text)
}

// Tokens travel in URLs, headers and messages, good ones, bad ones, and ones in requests that are no requests. None comes
// out again, nor does the part that makes it valid.
func TestTokensAreInNoLogNoAnswerAndNoMetric(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "bea")
	for _, format := range []string{"text", "json"} {
		n := startServe(t, append(onDatabase(url), "KITCHEN_LOG_FORMAT="+format)...)
		admin := regexp.MustCompile(`http://[\d.:]+/metrics`).FindString(n.stderr.String())
		good, foreign := h.token(t), other.token(t)
		forged := good[:len(good)-8] + "AAAAAAAA"
		var said bytes.Buffer
		for _, token := range []string{good, foreign, forged} {
			for _, how := range []struct {
				query  string
				header http.Header
			}{
				{"?token=" + token, nil},
				{"", http.Header{"Authorization": {"Bearer " + token}}},
				{"", http.Header{"Sec-Websocket-Protocol": {"kitchen.v1, bearer." + token}}},
				{"?token=" + token, http.Header{"Origin": {"https://evil.example"}}},
				{"?token=" + token + "&token=x", nil},
			} {
				conn, response, err := websocket.DefaultDialer.Dial(n.socket(h.restaurant)+how.query, how.header)
				fmt.Fprintln(&said, response, err)
				if err != nil {
					continue
				}
				_ = conn.WriteJSON(fields{"type": "authenticate", "token": forged})
				_ = conn.SetReadDeadline(time.Now().Add(waitLimit))
				for {
					_, text, err := conn.ReadMessage()
					if err != nil {
						fmt.Fprintln(&said, err)
						break
					}
					said.Write(text)
					if bytes.Contains(text, []byte("bad_token")) { // the answer; the socket goes on with the token that it has
						break
					}
				}
				_ = conn.Close()
			}
			for _, path := range []string{"/ws/kitchen/7/", "/nothing", "/healthz", "/", "/metrics", "/ws/kitchen/" + string(h.restaurant), "/%zz"} {
				conn, err := net.Dial("tcp", strings.TrimPrefix(n.url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				_ = conn.SetDeadline(time.Now().Add(waitLimit))
				// The second header is none, so the request is not one either, half of the time.
				fmt.Fprintf(conn, "GET %s?token=%s HTTP/1.1\r\nHost: k\r\nConnection: close\r\nAuthorization: Bearer %s\r\n%s\r\n",
					path, token, token, map[bool]string{true: "\x00 " + token + "\r\n"}[path == "/nothing"])
				_, _ = said.ReadFrom(conn)
				_ = conn.Close()
			}
		}
		for _, path := range []string{"/metrics", "/", "/debug/pprof/", "/debug/pprof/goroutine?debug=2", "/debug/pprof/cmdline"} {
			_, body := get(t, strings.TrimSuffix(admin, "/metrics")+path)
			said.WriteString(body)
		}
		if err := n.stop(); err != nil {
			t.Error(err)
		}
		for _, text := range []string{n.stderr.String(), said.String()} {
			if found := findToken(text); found != "" {
				t.Errorf("%s: a token comes out: %s", format, found)
			}
			for _, token := range []string{good, foreign, forged} {
				if signature := token[strings.LastIndexByte(token, '.')+1:]; strings.Contains(text, signature) {
					t.Errorf("%s: a signature comes out:\n%s", format, text)
				}
			}
		}
		if !strings.Contains(n.stderr.String(), "refused") {
			t.Errorf("nothing was logged at all:\n%s", n.stderr)
		}
	}
	if findToken("x "+h.token(t)+" y") == "" {
		t.Error("the scan finds nothing")
	}
}

// What is in the environment of a program is its owner's to read; what is on its command line is everybody's.
func TestSecretsOfAProgramAreNotInTheProcessList(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	p := spawn(t, onDatabase(url), "serve", "--listen", "127.0.0.1:0")
	address := p.line(t, "http://")
	token := h.token(t)
	watch := spawn(t, []string{"KITCHEN_TOKEN=" + token, "KITCHEN_URL=" + address}, "watch", string(h.restaurant))
	watch.line(t, "House of ana")
	lists, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(lists) == 0 {
		t.Fatalf("no process list: this test reads /proc, as Linux has it (%v)", err)
	}
	ours := 0
	for _, list := range lists {
		line, _ := os.ReadFile(list) // one that has ended is of no interest
		if bytes.Contains(line, []byte(testSecret)) || bytes.Contains(line, []byte(token)) {
			t.Errorf("%s: %q", list, line)
		}
		if bytes.Contains(line, []byte("\x00watch\x00")) {
			ours++
		}
	}
	if ours == 0 {
		t.Error("the programs themselves are not in the list")
	}
	help, _, _ := kitchen(t, nil, "help", "watch")
	if !strings.Contains(help, "KITCHEN_TOKEN: as a flag") {
		t.Error("the help does not say why")
	}
	for _, process := range []*process{watch, p} {
		process.signal(t, "TERM")
		process.wait(t)
	}
}
