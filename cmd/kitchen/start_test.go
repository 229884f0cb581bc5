package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kitchen/cmd/kitchen/terminal"
	"kitchen/db/dbtest"
	"kitchen/db/order"
)

const testSecret = "a secret for tests: 0123456789abcdef"

// waitLimit bounds what a test waits for. Nothing takes nearly as long, except on a machine that does other things as well.
const waitLimit = 30 * time.Second

// output is where a program under test writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// kitchen runs the program in this process, to its end.
func kitchen(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*waitLimit)
	defer cancel()
	var out, errs output
	code = report(&errs, run(ctx, args, env, &out, &errs))
	if ctx.Err() != nil {
		t.Fatalf("kitchen %s did not end\n%s%s", strings.Join(args, " "), out.String(), errs.String())
	}
	return out.String(), errs.String(), code
}

// until polls, because nothing signals what it waits for.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	if !dbtest.Poll(waitLimit, ok) {
		t.Fatalf("not in time: %s", what)
	}
}

// running is the program at work in this process, until stop, or the end of the test.
type running struct {
	lines  *bufio.Reader // of standard output
	stderr *output

	interrupt func()       // what Ctrl-C does
	stop      func() error // interrupts, waits, and returns what run returned; may be called again
}

func start(t *testing.T, env []string, args ...string) *running {
	t.Helper()
	if args[0] == "serve" {
		env = asNode(t, env)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	read, write := io.Pipe()
	p := &running{lines: bufio.NewReader(read), stderr: &output{}, interrupt: cancel}
	ended := make(chan struct{})
	var result error
	go func() {
		defer close(ended)
		result = run(ctx, args, env, write, p.stderr)
		_ = write.Close()
	}()
	p.stop = func() error {
		cancel()
		go func() { _, _ = io.Copy(io.Discard, read) }() // nobody else reads what it still has to say
		<-ended
		return result
	}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Errorf("kitchen %s: %v", strings.Join(args, " "), err)
		}
		if found := findToken(p.stderr.String()); found != "" {
			t.Errorf("kitchen %s: a token is in the log: %s", strings.Join(args, " "), found)
		}
		if t.Failed() {
			t.Logf("kitchen %s, standard error:\n%s", strings.Join(args, " "), p.stderr)
		}
	})
	return p
}

// line returns the first line from here on that contains text.
func (p *running) line(t *testing.T, text string) string {
	t.Helper()
	timer := time.AfterFunc(waitLimit, func() { go p.stop() }) //nolint:errcheck // ends what is being read
	defer timer.Stop()
	for {
		line, err := p.lines.ReadString('\n')
		if strings.Contains(line, text) {
			return strings.TrimRight(line, "\n")
		}
		if err != nil {
			t.Fatalf("no line with %q (%v)\n%s", text, err, p.stderr)
		}
	}
}

// served is `kitchen serve` on a port of its own.
type served struct {
	*running
	url string // http://127.0.0.1:port
}

// startServe runs `kitchen serve` in this process with some environment, and returns when it is live.
func startServe(t *testing.T, env ...string) *served {
	t.Helper()
	s := &served{running: start(t, env, "serve", "--listen", "127.0.0.1:0")}
	s.url = s.line(t, "http://")
	s.await(t, "/readyz", http.StatusOK)
	return s
}

// asNode makes a node connect with the rights of migrations/roles/serve.sql and no others, where its environment names a
// database: tests write as the owner of the tables, nodes never do. Its metrics have a port of their own, because other tests run
// nodes at the same time.
func asNode(t *testing.T, env []string) []string {
	t.Helper()
	const metrics = "KITCHEN_METRICS_LISTEN="
	env = slices.Clone(env)
	for i, v := range env {
		if url, ok := strings.CutPrefix(v, "DATABASE_URL="); ok && !dbtest.IsNodes(url) {
			env[i] = "DATABASE_URL=" + dbtest.ServeRole(t, url)
		}
	}
	if !slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, metrics) }) {
		env = append(env, metrics+"127.0.0.1:0")
	}
	return env
}

// onDatabase is the environment of a node on a database of a test.
func onDatabase(url string) []string {
	return []string{"DATABASE_URL=" + url, "KITCHEN_JWT_SECRET=" + testSecret}
}

func (s *served) get(t *testing.T, path string) (int, string) {
	t.Helper()
	client := http.Client{Timeout: waitLimit, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// await asks until the answer is this one: nothing signals it.
func (s *served) await(t *testing.T, path string, status int) {
	t.Helper()
	deadline := time.Now().Add(waitLimit)
	for {
		got, body := s.get(t, path)
		if got == status {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s answers %d %s, not %d\n%s", path, got, body, status, s.stderr)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// socket is the address of a restaurant's displays.
func (s *served) socket(r order.RestaurantID) string {
	return terminal.SocketAddress(strings.Replace(s.url, "http", "ws", 1), string(r))
}

// dataDir is a data directory that the user who runs a private Postgres for root can enter, too, which t.TempDir is not;
// in memory where that is possible, because a new cluster writes a lot and waits for the disk.
func dataDir(t *testing.T) string {
	t.Helper()
	parent := "/dev/shm"
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		parent = ""
	}
	dir, err := os.MkdirTemp(parent, "kitchen-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // to be passed through
		t.Fatal(err)
	}
	return dir + "/data"
}
