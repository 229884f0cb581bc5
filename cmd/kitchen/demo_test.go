package main

import (
	"net"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// As a newcomer does it, twice: the second time on what the first has left.
func TestDemoShowsEveryChangeOfItsRush(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	for i := range 2 {
		out, errs, code := kitchen(t, []string{"DATABASE_URL=postgres://not.used.invalid/x"},
			"demo", "--for", "3s", "--rate", "300", "--listen", "127.0.0.1:0", "--data-dir", dir)
		if code != 0 || errs != "" {
			t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
		found := regexp.MustCompile(`^demo: (\d+) orders? written \((\d+) changes?\) in \d+(?:\.\d)?s, (\d+) events? received; commit to display p50 <?[\d.]+ ms, p99 <?[\d.]+ ms$`).
			FindStringSubmatch(lines[len(lines)-1])
		if found == nil {
			t.Fatalf("summary: %q", lines[len(lines)-1])
		}
		orders, _ := strconv.Atoi(found[1])
		if n := strings.Count(out, " NEW "); n != orders || n == 0 {
			t.Errorf("%d orders on the display, %d written", n, orders)
		}
		if closed := strings.Contains(out, "of the last demo"); closed != (i == 1) {
			t.Errorf("run %d closed what the last demo left: %v\n%s", i, closed, out)
		}
		if !strings.Contains(out, "Trattoria Vesuvio, 0 open orders; LIVE") {
			t.Errorf("run %d does not begin with an empty queue:\n%s", i, out)
		}
	}
}

// The same evening in another program's tables: a Django app's, attached by the template, in a database of their own beside ours.
func TestDemoOnTheTablesOfADjangoApp(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	for i := range 2 {
		p := start(t, nil, "demo", "--host", "django", "--for", "4s", "--rate", "1200", "--listen", "127.0.0.1:0", "--data-dir", dir)
		if i == 0 {
			p.line(t, "Attached the tables of a Django app")
		}
		board := strings.Fields(p.line(t, "  board "))[1]
		p.line(t, board[:strings.Index(board, "#")]+"?station=Bar#token=")
		_, psql, _ := strings.Cut(p.line(t, "  psql "), "psql  ")
		_, insert, _ := strings.Cut(p.line(t, "  try "), "try  ")
		if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/kitchen/1#token=\S+\.\S+\.\S+$`).MatchString(board) {
			t.Errorf("board: %s", board)
		}
		p.line(t, "Trattoria Vesuvio, 0 open orders; LIVE")
		shell := exec.CommandContext(t.Context(), "sh", "-c", strings.TrimSpace(psql)) //nolint:gosec // what the demo printed
		shell.Stdin = strings.NewReader(strings.TrimSpace(insert) + "\nselect status from kitchen.orders limit 0;\n")
		if out, err := shell.CombinedOutput(); err != nil || !strings.Contains(string(out), "INSERT 0 1") {
			t.Fatalf("%s: %v\n%s", psql, err, out)
		}
		p.line(t, "NEW dine-in — “from psql”")
		summary := p.line(t, "demo: ")
		if !regexp.MustCompile(`^demo: [1-9]\d* orders? written \([1-9]\d* changes?\) in \d+(?:\.\d)?s, [1-9]\d* events? received; commit to display p50 <?[\d.]+ ms, p99 <?[\d.]+ ms$`).MatchString(summary) {
			t.Errorf("summary: %q", summary)
		}
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
	if _, errs, code := kitchen(t, nil, "demo", "--host", "rails", "--data-dir", dir); code == 0 || !strings.Contains(errs, `"rails" is none that the demo knows: django`) {
		t.Errorf("an unknown host: %d, %s", code, errs)
	}
}

// Who tries `kitchen attach down` on the demo's database is told why the demo ends.
func TestDemoSaysThatItsTablesAreNoLongerAttached(t *testing.T) {
	t.Parallel()
	p := spawn(t, nil, "demo", "--host", "django", "--rate", "1200", "--listen", "127.0.0.1:0", "--data-dir", dataDir(t))
	url := regexp.MustCompile(`postgres(?:ql)?://[^'\s]+`).FindString(p.line(t, "  psql "))
	p.line(t, "; LIVE")
	if out, errs, code := kitchen(t, []string{"DATABASE_URL=" + url}, "attach", "down"); code != 0 {
		t.Fatalf("attach down: %d, %s%s", code, out, errs)
	}
	p.line(t, "demo: ")
	if code := p.wait(t); code != 1 || !strings.Contains(p.stderr.String(), "no longer attached") {
		t.Errorf("exit code %d: %s", code, p.stderr)
	}
}

func TestDemoPrintsWhatWorksWhenPasted(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:8080") // by us, or else by somebody
	if err == nil {
		defer busy.Close()
	}
	p := start(t, nil, "demo", "--data-dir", dataDir(t), "--rate", "20")
	p.line(t, "127.0.0.1:8080 is in use by another program; taking 127.0.0.1:")
	board := strings.Fields(p.line(t, "  board "))[1]
	for _, station := range []string{"Grill", "Bar", "Pass"} {
		address := strings.Fields(p.line(t, "  "+strings.ToLower(station)+" "))[1]
		if want := strings.Replace(board, "#", "?station="+station+"#", 1); address != want {
			t.Errorf("%s: %s, want %s", station, address, want)
		}
	}
	socket := strings.Fields(p.line(t, "  socket "))[1]
	_, psql, _ := strings.Cut(p.line(t, "  psql "), "psql  ")
	_, insert, _ := strings.Cut(p.line(t, "  try "), "try  ")
	p.line(t, "; LIVE")

	if !regexp.MustCompile(`^http://127\.0\.0\.1:\d+/kitchen/[0-9a-f-]{36}#token=\S+\.\S+\.\S+$`).MatchString(board) {
		t.Errorf("board: %s", board)
	}
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), socket, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	(&display{Conn: conn}).untilType(t, "initial_queue")

	shell := exec.CommandContext(t.Context(), "sh", "-c", strings.TrimSpace(psql)) //nolint:gosec // what the demo printed
	shell.Stdin = strings.NewReader(strings.TrimSpace(insert) + "\n")
	if out, err := shell.CombinedOutput(); err != nil || !strings.Contains(string(out), "INSERT 0 1") {
		t.Fatalf("%s: %v\n%s", psql, err, out)
	}
	p.line(t, "NEW dine-in — “from psql”")
	p.interrupt()
	p.line(t, "demo: ")
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

func TestDemoTakesThePortThatWasAskedForOrNone(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	_, errs, code := kitchen(t, []string{"KITCHEN_LISTEN=" + busy.Addr().String()}, "demo", "--for", "1s", "--data-dir", dataDir(t))
	if code != 1 || !strings.Contains(errs, "is in use by another program") {
		t.Errorf("exit code %d, %s", code, errs)
	}
}
