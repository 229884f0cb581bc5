package ws_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// scriptViewer is put behind the display in JavaScript: it prints a line for each time that the queue is shown, and ends when it is refused.
const scriptViewer = `
import ws from %q;
import { follow } from %q;
const [, , url, token] = process.argv;
follow(url, token, (queue, live) => console.log(live ? "live" : "deaf", ...[...queue.values()].map((o) => o.status).sort()), ws.WebSocket);
`

// readmeCode is the code of the README in a language.
func readmeCode(t *testing.T, language string) string {
	t.Helper()
	document, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(document)
	if m == nil {
		t.Fatalf("no code in %s", language)
	}
	return string(m[1])
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDisplaysOfTheReadmeAreGoodDisplays runs the code of the README against a server that is hard to follow. The Python code
// wants Debian's python3-websockets: readme_python_test.go, by the tag `documents`.
func TestDisplaysOfTheReadmeAreGoodDisplays(t *testing.T) {
	t.Parallel()
	t.Run("JavaScript", func(t *testing.T) {
		t.Parallel()
		node, err := exec.LookPath("node")
		if err != nil {
			t.Fatal("no node on this machine, 18 or later; on Debian or Ubuntu: apt-get install -y nodejs")
		}
		sockets, err := filepath.Abs("board/testdata/ws.cjs")
		if err != nil {
			t.Fatal(err)
		}
		program := strings.Replace(scriptViewer, "%q", `"`+sockets+`"`, 1)
		program = strings.Replace(program, "%q", `"`+writeFile(t, "display.mjs", readmeCode(t, "js"))+`"`, 1)
		testDisplay(t, false, node, writeFile(t, "run.mjs", program))
	})
	t.Run("Go", func(t *testing.T) {
		t.Parallel()
		testDisplay(t, true, buildGoDisplay(t))
	})
}

// testDisplay leads a display through a queue of more than 1 MiB, an order that it does not know, a server that goes mute
// without a word, and a refusal. One that cooks at a station is led through that as well.
func testDisplay(t *testing.T, cooks bool, program string, args ...string) {
	t.Helper()
	conns := make(chan *websocket.Conn)
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{Subprotocols: []string{"kitchen.v1"}}
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		select {
		case conns <- conn:
			<-done // and nothing is read: no ping is answered, nor a close
		case <-done:
		}
	}))
	defer server.Close()
	defer close(done)

	viewer := exec.CommandContext(t.Context(), program, append(args, "ws"+strings.TrimPrefix(server.URL, "http"), "token")...)
	viewer.Stderr = os.Stderr
	stdout, err := viewer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := viewer.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	next := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("the display shows %q, want %q", lines.Text(), want)
		}
	}
	say := func(conn *websocket.Conn, m map[string]any) {
		t.Helper()
		if err := conn.WriteJSON(m); err != nil {
			t.Fatal(err)
		}
	}
	queue := func(status string) map[string]any {
		return map[string]any{"type": "initial_queue", "live": true, "orders": []map[string]any{
			{"id": "a", "order_number": 1, "status": status, "version": 1, "notes": strings.Repeat("x", 1_300_000)},
		}}
	}

	conn := <-conns
	say(conn, queue("pending"))
	next("live pending")
	say(conn, map[string]any{"type": "order_status_changed", "order_id": "unknown", "status": "preparing", "version": 2})
	next("live pending")
	say(conn, map[string]any{"type": "order_status_changed", "order_id": "a", "status": "ready", "version": 2})
	next("live ready")
	asked := func(want map[string]any) {
		t.Helper()
		var got map[string]any
		if err := conn.ReadJSON(&got); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("the display sends %v, %v, want %v", got, err, want)
		}
	}
	if cooks {
		asked(map[string]any{"type": "show", "stations": []any{"grill"}})
		at := func(status string) map[string]any {
			return map[string]any{"type": "order_updated", "order": map[string]any{"id": "a", "order_number": 1, "status": "ready", "version": 3,
				"items": []map[string]any{{"id": "i", "stations": []map[string]any{{"id": nil, "status": status}, {"id": "grill", "status": status}}}}}}
		}
		say(conn, at("pending"))
		next(map[bool]string{true: "<nil> <nil>", false: "asked"}[args == nil])
		next("live ready")
		asked(map[string]any{"type": "update_lines", "order_id": "a", "station": "grill", "from": "pending", "status": "ready"})
		asked(map[string]any{"type": "fire", "order_id": "a", "course": 2.})
		say(conn, map[string]any{"type": "error", "code": "conflict"})
		next("refused conflict")
		say(conn, map[string]any{"type": "screens", "all": 1, "stations": []map[string]any{{"id": "grill", "screens": 2}}})
		next("live grill2 ready")
		say(conn, at("ready"))
		next("live grill2 ready")
		say(conn, map[string]any{"type": "screens", "all": 1, "stations": []map[string]any{}})
		next("live ready")
	}
	mute := time.Now()
	next("deaf ready")
	if d := time.Since(mute); d < 11*time.Second || d > 13*time.Second {
		t.Errorf("a server that is mute is noticed after %v, want 12 s", d)
	}
	dead := conn
	select {
	case conn = <-conns:
	case <-time.After(30 * time.Second):
		t.Fatal("the display does not come back")
	}
	dead.Close() // it has been replaced, and holds nobody up any more
	say(conn, queue("preparing"))
	if cooks {
		asked(map[string]any{"type": "show", "stations": []any{"grill"}})
	}
	for lines.Scan() && lines.Text() == "deaf ready" { // which it may have said again
	}
	if lines.Text() != "live preparing" {
		t.Fatalf("after its return the display shows %q", lines.Text())
	}
	if err := conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4001, "expired: get a new token"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	next("deaf preparing")
	ended := make(chan error, 1)
	go func() { ended <- viewer.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("a display that is refused goes on")
	}
}
