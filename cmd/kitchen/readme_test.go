//go:build documents

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

// What is put behind the clients of ws/README.md: a line for each time that the queue is shown.
const (
	pythonViewer = `
import sys, websockets
exec(open(sys.argv[1]).read())
def show(queue, screens, live):
    print("live" if live else "deaf", *sorted(o["status"] for o in queue.values()), flush=True)
try:
    asyncio.run(Display(sys.argv[2], sys.argv[3], show).follow())
except websockets.ConnectionClosed as closed:
    print("refused", closed.rcvd.code, flush=True)
`
	goViewer = `package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"

	"github.com/gorilla/websocket"

	"kitchen/ws/display"
)

func main() {
	d := &display.Display{URL: os.Args[1], Token: os.Args[2], Refused: func(code string) { fmt.Println("refused", code) }}
	d.Show = func(queue map[string]display.Order, _ display.Screens, live bool) {
		words := []any{"deaf"}
		if live {
			words[0] = "live"
		}
		var statuses []string
		for _, o := range queue {
			statuses = append(statuses, o.Status)
		}
		sort.Strings(statuses)
		for _, s := range statuses {
			words = append(words, s)
		}
		fmt.Println(words...)
	}
	err := d.Follow(context.Background())
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		fmt.Println("refused", closed.Code)
	}
}
`
)

// TestDisplaysOfTheReadme runs the clients of ws/README.md against the program: a queue, a change, a node that stops and
// comes back at the same address, and an order that is done. It wants Debian's python3-websockets: `make documents`.
func TestDisplaysOfTheReadme(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../ws/README.md")
	if err != nil {
		t.Fatal(err)
	}
	code := func(language string) string {
		m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(document)
		if m == nil {
			t.Fatalf("no code in %s", language)
		}
		return string(m[1])
	}
	file := func(t *testing.T, name, content string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for language, command := range map[string]func(t *testing.T, args ...string) *exec.Cmd{
		"python": func(t *testing.T, args ...string) *exec.Cmd {
			return exec.CommandContext(t.Context(), "/usr/bin/python3",
				append([]string{file(t, "run.py", pythonViewer), file(t, "code.py", code("python"))}, args...)...)
		},
		"go": func(t *testing.T, args ...string) *exec.Cmd {
			root, err := filepath.Abs("../..")
			if err != nil {
				t.Fatal(err)
			}
			overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
				filepath.Join(root, "ws/display/display.go"):  file(t, "display.go", code("go")),
				filepath.Join(root, "ws/display/run/main.go"): file(t, "main.go", goViewer),
			}})
			if err != nil {
				t.Fatal(err)
			}
			program := filepath.Join(t.TempDir(), "viewer")
			build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "-overlay", file(t, "overlay.json", string(overlay)),
				"./ws/display/run")
			build.Dir = root
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			return exec.CommandContext(t.Context(), program, args...)
		},
	} {
		t.Run(language, func(t *testing.T) {
			url := dbtest.New(t)
			h := newHouse(t, url, "marco")
			order := h.order(t, "")
			node := startServe(t, onDatabase(url)...)
			address := strings.TrimPrefix(node.url, "http://")

			viewer := command(t, node.socket(h.restaurant), h.token(t))
			viewer.Stderr = os.Stderr
			stdout, err := viewer.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := viewer.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			until := func(want string) {
				t.Helper()
				for lines.Scan() {
					if lines.Text() == want {
						return
					}
				}
				t.Fatalf("the display never shows %q", want)
			}
			until("live pending")
			h.ask(t, `update orders set status = 'ready' where id = $1::text::uuid returning ''`, string(order))
			until("live ready")
			if err := node.stop(); err != nil {
				t.Fatal(err)
			}
			until("deaf ready")
			h.order(t, "meanwhile")
			start(t, onDatabase(url), "serve", "--listen", address).line(t, "http://")
			until("live pending ready")
			h.ask(t, `update orders set status = 'completed' where id = $1::text::uuid returning ''`, string(order))
			until("live pending")
			h.ask(t, `delete from users returning ''`)
			until("refused 4001")
			if err := viewer.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
}
