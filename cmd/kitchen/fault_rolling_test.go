package main

import (
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// An upgrade as the documents for operators describe it: node after node, a new one is started and an old one stopped, under
// load. With -faults there are 2,000 displays.
func TestFaultRollingRestartLosesNothing(t *testing.T) {
	beside(t)
	h := newRig(t, 10)
	n, rate := 100, 40.0
	if h.full {
		n, rate = 2000, 200
	}
	type standing struct {
		*served
		process *process
	}
	start := func() (s standing) { s.served, s.process = h.open(); return s }
	old := []standing{start(), start()}
	for _, node := range old {
		h.route(node.url)
		h.join(n / len(old))
	}
	h.write(6, rate)
	if !h.writers.AwaitCommits(20, waitLimit) {
		t.Fatal("the writers do not get on")
	}

	client := &http.Client{Timeout: waitLimit}
	defer client.CloseIdleConnections()
	var slowest time.Duration
	for _, node := range old {
		if status, text := h.readiness(client, node.served); status != http.StatusOK {
			t.Fatal(status, text)
		}
		next := start()
		h.route(next.url)
		began := time.Now()
		node.process.send(t, syscall.SIGTERM)
		node.process.stderr.await(t, "stopping")
		if status, text := h.readiness(client, node.served); status != http.StatusServiceUnavailable {
			t.Errorf("readyz of a node that drains: %d %s", status, text)
		}
		if code := node.process.wait(t); code != 0 {
			t.Errorf("exit code %d", code)
		}
		slowest = max(slowest, time.Since(began))
		h.awaitLive()
	}
	h.healed = time.Now()
	if slowest > 30*time.Second {
		t.Errorf("a node took %v to drain", slowest)
	}
	byCode, _ := h.closes()
	if byCode[websocket.CloseServiceRestart] != n || len(byCode) != 1 {
		t.Errorf("%d displays were sent away with these codes: %v", n, byCode)
	}
	h.remark = fmt.Sprintf("%d displays of two nodes sent away, all with 1012; a node had drained after %.1f s at most", n, slowest.Seconds())
	h.judge("F44b", "two_nodes_are_replaced_one_after_the_other", 5*time.Second)
}
