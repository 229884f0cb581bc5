package limit

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// lines is a log that a server and a test write and read at once.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Who does not speak TLS fills no log, also where it is for debugging; and what our own code does wrong is an error.
func TestFailedHandshakesFillNoLog(t *testing.T) {
	t.Parallel()
	logs := &lines{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oven") }))
	server.Config.ErrorLog = NewLog(slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))).ForHTTP()
	server.StartTLS()
	for range 300 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
		_, _ = io.Copy(io.Discard, conn) // until the server has closed it
		_ = conn.Close()
	}
	if response, err := server.Client().Get(server.URL); err == nil {
		response.Body.Close()
	}
	server.Close()
	if n := strings.Count(logs.String(), "level=DEBUG"); n < linesAtOnce || n > 2*linesAtOnce {
		t.Errorf("%d lines of 300 handshakes", n)
	}
	if !strings.Contains(logs.String(), "level=ERROR") || !strings.Contains(logs.String(), "oven") {
		t.Error("a handler that panics is not said")
	}
}
