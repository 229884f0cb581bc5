package ws

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/ws/credential"
)

// idleServerSwitch makes the test binary serve displays instead of testing, in a process that holds nothing else.
const idleServerSwitch = "KITCHEN_WS_TEST_IDLE_SERVER"

// idleServer prints its address, gives memory back to the system for each line that it reads, and ends with its input.
func idleServer() {
	keys, err := credential.NewKeys(credential.KeysConfig{Secret: []byte(testSecret)})
	if err != nil {
		panic(err)
	}
	server, err := NewServer(Config{Feed: newFakeFeed(), Store: newFakeStore(), Keys: keys})
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/ws/kitchen/{restaurant_id}/", server)
	go func() { _ = http.Serve(listener, mux) }()
	fmt.Println(listener.Addr())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		debug.FreeOSMemory()
		fmt.Println("done")
	}
}

// BenchmarkIdleDisplay measures the resident memory of a process for each of 5,000 displays that only get heartbeats: as
// it is when the last has joined, after what was free has gone back to the system, and after each has answered a ping once.
func BenchmarkIdleDisplay(b *testing.B) {
	const displays = 5000
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), idleServerSwitch+"=1")
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := process.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		in.Close() // it ends with its input
		_ = process.Wait()
	}()
	answers := bufio.NewReader(out)
	free := func() int {
		if _, err := io.WriteString(in, "free\n"); err != nil {
			b.Fatal(err)
		}
		if _, err := answers.ReadString('\n'); err != nil {
			b.Fatal(err)
		}
		return residentMemory(b, process.Process.Pid)
	}

	addr, err := answers.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	token, err := credential.SignToken([]byte(testSecret), cook, time.Now().Add(time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	url := "ws://" + strings.TrimSpace(addr) + "/ws/kitchen/" + string(bistro) + "/"
	for b.Loop() {
		before := free()
		conns := make([]*websocket.Conn, displays)
		for i := range conns {
			conns[i], _, err = websocket.DefaultDialer.Dial(url, http.Header{"Authorization": {"Bearer " + token}})
			if err != nil {
				b.Fatal(err)
			}
			if _, _, err := conns[i].ReadMessage(); err != nil {
				b.Fatal(err)
			}
		}
		joined := residentMemory(b, process.Process.Pid)
		freed := free()
		for _, c := range conns {
			if err := c.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)); err != nil {
				b.Fatal(err)
			}
		}
		free() // and the time that it takes is time for the pongs to be read
		answered := free()
		perDisplay := func(bytes int) float64 { return float64(bytes-before) / displays / 1024 }
		b.ReportMetric(perDisplay(joined), "KiB/display")
		b.ReportMetric(perDisplay(freed), "KiB/display-freed")
		b.ReportMetric(perDisplay(answered), "KiB/display-answered")
		if perDisplay(freed) > 16 {
			b.Errorf("an idle display takes %.1f KiB, more than 16", perDisplay(freed))
		}
		for _, c := range conns {
			c.Close()
		}
	}
}

func residentMemory(b *testing.B, pid int) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		b.Fatalf("resident memory is read from /proc, so this needs Linux: %v", err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		b.Fatal(err)
	}
	return pages * os.Getpagesize()
}
