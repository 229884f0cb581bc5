package node

import (
	"bufio"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A request whose body never comes, and an answer that nobody reads, end; by default, too.
func TestRequestsAndAnswersThatNeverEndAreEnded(t *testing.T) {
	var usual Limits
	usual.setDefaults()
	usually := newHTTPServer(nil, &usual, slog.New(slog.DiscardHandler))
	if usually.ReadTimeout != 10*time.Second || usually.WriteTimeout != 30*time.Second || usually.ReadHeaderTimeout != 5*time.Second {
		t.Errorf("by default requests may take %v, answers %v", usually.ReadTimeout, usually.WriteTimeout)
	}

	short := Limits{HeaderTime: 100 * time.Millisecond, requestTime: 100 * time.Millisecond, answerTime: 300 * time.Millisecond}
	short.setDefaults()
	written := make(chan error, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /short", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /long", func(w http.ResponseWriter, _ *http.Request) {
		some := make([]byte, 1<<20)
		for {
			if _, err := w.Write(some); err != nil {
				written <- err
				return
			}
		}
	})
	server := newHTTPServer(mux, &short, slog.New(slog.DiscardHandler))
	listener, err := Listen(t.Context(), "127.0.0.1:0", "--listen")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() { _ = server.Close(); <-served }()
	ask := func(request string) net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := conn.Write([]byte(request)); err != nil {
			t.Fatal(err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		return conn
	}

	unread := ask("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
	never := bufio.NewReader(ask("GET /short HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"))
	if line, err := never.ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Errorf("answered %q, %v", line, err)
	}
	for err == nil {
		_, err = never.ReadString('\n')
	}
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Error("a request whose body never comes is kept")
	}
	select {
	case <-written:
	case <-time.After(20 * time.Second):
		t.Error("an answer that nobody reads is kept")
		_ = unread.Close()
		<-written
	}
}
