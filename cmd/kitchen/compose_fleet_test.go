package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

// The fleet of compose.yaml, as processes of this machine: the nodes with the commands of their services, and a real load
// balancer with the very configuration that its container gets, but for the addresses.
func TestFleetOfTheComposeFile(t *testing.T) {
	t.Parallel()
	haproxy, err := exec.LookPath("haproxy")
	if err != nil {
		haproxy = "/usr/sbin/haproxy" // where root's programs are is not in everybody's PATH
		if _, err := os.Stat(haproxy); err != nil {
			t.Fatal("there is no haproxy: make test installs it, or apt-get install haproxy")
		}
	}
	project, err := loadCompose(t, []string{"KITCHEN_JWT_SECRET=" + testSecret}, "fleet")
	if err != nil {
		t.Fatal(err)
	}
	names := project.ServiceNames()
	if !slices.Equal(names, []string{"balancer", "migrate", "notifier", "notifier-2", "notifier-3", "postgres"}) {
		t.Fatalf("the fleet: %v", names)
	}
	balancer := project.Services["balancer"]
	if len(balancer.Configs) != 1 || balancer.Configs[0].Target != "/usr/local/etc/haproxy/haproxy.cfg" || !strings.HasPrefix(balancer.Image, "haproxy:") {
		t.Fatalf("the balancer gets %v, as %s", balancer.Configs, balancer.Image)
	}
	config := project.Configs[balancer.Configs[0].Source].Content
	ports := map[string]bool{}
	for _, s := range project.Services {
		for _, p := range s.Ports {
			if ports[p.Published] {
				t.Errorf("two services want port %s", p.Published)
			}
			ports[p.Published] = true
		}
	}

	url := dbtest.New(t)
	var nodes []*served
	for _, name := range []string{"notifier", "notifier-2", "notifier-3"} {
		command := slices.Clone(project.Services[name].Command)
		if _, waits := balancer.DependsOn[name]; !waits || command[2] != ":8080" {
			t.Fatalf("%s: %v", name, command)
		}
		command[2] = "127.0.0.1:0"
		n := &served{running: start(t, onDatabase(url), command...)}
		n.url = n.line(t, "http://")
		n.await(t, "/readyz", http.StatusOK)
		nodes = append(nodes, n)
		was := name + ":8080\n"
		if strings.Count(config, was) != 1 {
			t.Fatalf("%s is not in the balancer's configuration:\n%s", name, config)
		}
		config = strings.Replace(config, was, strings.TrimPrefix(n.url, "http://")+"\n", 1)
	}
	front := freeAddress(t)
	config = strings.Replace(config, "bind :8080\n", "bind "+front+"\n", 1)
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var said output
	proxy := exec.CommandContext(t.Context(), haproxy, "-db", "-f", file) //nolint:gosec // constants
	proxy.Stdout, proxy.Stderr = &said, &said
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = proxy.Process.Kill()
		_ = proxy.Wait()
		if t.Failed() {
			t.Logf("haproxy:\n%s", said.String())
		}
	})
	fleet := &served{running: nodes[0].running, url: "http://" + front}
	until(t, "the balancer", func() bool {
		conn, err := net.DialTimeout("tcp", front, time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
	fleet.await(t, "/readyz", http.StatusOK)

	// Displays are spread, and each receives every change, on any node.
	h := newHouse(t, url, "anna")
	token := h.token(t)
	var displays []*frames
	for range 6 {
		d := open(t, fleet, h, token)
		d.next()
		displays = append(displays, d)
	}
	id := h.order(t, "for all")
	for _, d := range displays {
		if m := d.next(); m["type"] != "order_created" {
			t.Errorf("a display behind the balancer got %v, want order_created", m)
		}
	}
	displays[5].send(fields{"type": "update_status", "order_id": string(id), "status": "ready"})
	for _, d := range displays {
		if m := d.next(); m["status"] != "ready" {
			t.Errorf("a display behind the balancer got %v, want the status ready", m)
		}
	}

	// A node that stops sends its displays away, and the balancer takes them to the others.
	if err := nodes[0].stop(); err != nil {
		t.Fatal(err)
	}
	h.order(t, "for those who stayed")
	left := 0
	for i, d := range displays {
		_ = d.conn.SetReadDeadline(time.Now().Add(waitLimit))
		for {
			_, text, err := d.conn.ReadMessage()
			if websocket.IsCloseError(err, 1012) {
				left++
				displays[i] = open(t, fleet, h, token)
				if m := displays[i].next(); len(m["orders"].([]any)) != 2 {
					t.Errorf("a display that came back got %v, want a queue of two orders", m)
				}
				break
			}
			if err != nil {
				t.Fatalf("display %d: %v", i, err)
			}
			if strings.Contains(string(text), "order_created") {
				break
			}
		}
	}
	if left < 1 || left > 4 {
		t.Errorf("%d of 6 displays were at one of three nodes, and should be about two", left)
	}
}

// freeAddress is one that nobody listens at, on loopback.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr())
}
