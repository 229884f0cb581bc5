package main

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest/faulttest"
)

// A node that is stopped closes its displays over a few seconds. Another node takes them, and they miss nothing.
// With -faults there are 2,000 of them.
func TestFaultStoppingNodeHandsItsDisplaysOver(t *testing.T) {
	h := newRig(t, 10)
	n, rate := 200, 40.0
	if h.full {
		n, rate = 2000, 100
	}
	first, process := h.open()
	h.route(first.url)
	h.join(n)
	h.write(1, rate)
	second, _ := h.open()
	if !h.writers.AwaitCommits(20, waitLimit) {
		t.Fatal("the writers do not get on")
	}
	client := &http.Client{Timeout: waitLimit}
	defer client.CloseIdleConnections()
	if status, text := h.readiness(client, first); status != http.StatusOK {
		t.Fatal(status, text)
	}

	h.route(second.url)
	began := time.Now()
	process.send(t, syscall.SIGTERM)
	process.stderr.await(t, "stopping")
	if status, text := h.readiness(client, first); status != http.StatusServiceUnavailable || !strings.Contains(text, "stopping") {
		t.Errorf("readyz of a node that drains: %d %s", status, text)
	}
	if code := process.wait(t); code != 0 {
		t.Errorf("exit code %d", code)
	}
	h.healed = time.Now()
	byCode, spread := h.closes()
	if byCode[websocket.CloseServiceRestart] != n || len(byCode) != 1 {
		t.Errorf("%d displays were sent away with these codes: %v", n, byCode)
	}
	if spread < time.Second || spread > 10*time.Second {
		t.Errorf("they were sent away over %v", spread)
	}
	for at := range h.bunches(100 * time.Millisecond) {
		t.Errorf("more than a fifth of them in the same tenth of a second, %v after the signal", at.Sub(began))
	}
	h.awaitLive()
	h.remark = fmt.Sprintf("%d displays sent away over %.1f s, all with 1012", n, spread.Seconds())
	h.judge("F44", "a_node_is_told_to_stop", 5*time.Second)
}

// bunches are the moments in which more than a fifth of all connections ended.
func (h *rig) bunches(within time.Duration) map[time.Time]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	bunches := map[time.Time]int{}
	for _, e := range h.endings {
		bunches[e.at.Truncate(within)]++
	}
	for at, n := range bunches {
		if n <= len(h.endings)/5 {
			delete(bunches, at)
		}
	}
	return bunches
}

// A node that is killed says nothing: its displays notice, and go to another one.
func TestFaultDisplaysOfAKilledNodeGoToAnother(t *testing.T) {
	beside(t)
	h := newRig(t, 5)
	n := 50
	if h.full {
		n = 200
	}
	first, process := h.open()
	second, _ := h.open()
	h.route(first.url)
	h.join(n)
	h.write(2, 40)
	if !h.writers.AwaitCommits(20, waitLimit) {
		t.Fatal("the writers do not get on")
	}
	h.route(second.url)
	process.send(t, syscall.SIGKILL)
	began := time.Now()
	for _, d := range h.displays {
		d.Until(waitLimit, func() bool { return !d.Connected() })
	}
	h.awaitLive()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v until all were on the other node", took)
	}
	h.healed = time.Now()
	h.remark = fmt.Sprintf("all on the other node after %.1f s", time.Since(began).Seconds())
	h.judge("F43", "a_node_is_killed", 5*time.Second)
}

// A node that is paused stops neither writers nor other nodes, and sends its displays nothing old when it goes on.
func TestFaultNodeThatStandsStillHarmsNobody(t *testing.T) {
	beside(t)
	h := newRig(t, 4)
	first, process := h.open()
	second, _ := h.open()
	h.route(first.url)
	h.join(20)
	standing := h.displays
	h.displays = nil
	h.route(second.url)
	h.join(20)
	moving := h.displays
	h.displays = append(h.displays, standing...)
	h.write(3, 40)
	process.send(t, syscall.SIGSTOP)
	t.Cleanup(func() { _ = process.cmd.Process.Signal(syscall.SIGCONT) })
	lasts := 3 * time.Second
	if h.full {
		lasts = 60 * time.Second
	}
	note := strings.Repeat("n", 1000)
	usage := ""
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(lasts); time.Now().Before(end); <-again.C { // how long it is paused
		for range 20 {
			if _, err := h.pool.Exec(t.Context(), `select pg_notify('kitchen_' || $1, $2)`, string(h.tenants[0].ID), note+time.Now().String()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := h.pool.QueryRow(t.Context(), `select round(pg_notification_queue_usage()::numeric, 4)::text`).Scan(&usage); err != nil {
		t.Fatal(err)
	}
	for _, d := range moving {
		if !d.IsLive() {
			t.Errorf("%s, on a node that moves, is not live", d.Name)
		}
	}
	process.send(t, syscall.SIGCONT)
	h.healed = time.Now()
	h.awaitLive()
	h.remark = "the server's notification queue was " + usage + " full"
	// Displays of the paused node receive nothing, and show NOT LIVE after 12 s.
	h.judge("F08", "a_node_is_stopped_with_SIGSTOP", lasts+10*time.Second)
}

// AnyCable's test: connections drop for two seconds again and again, and everything is shown all the same.
func TestFaultFlappingDisplaysMissNothing(t *testing.T) {
	beside(t)
	h := newRig(t, 5)
	n, rounds := 40, 2
	if h.full {
		n, rounds = 200, 12
	}
	first, _ := h.open()
	proxy := faulttest.NewPortProxy(t, strings.TrimPrefix(first.url, "http://"))
	h.route(proxy.URL)
	h.join(n)
	h.write(4, 40)
	for range rounds {
		proxy.Refuse.Store(true)
		proxy.Cut()
		time.Sleep(h.lasts(500*time.Millisecond, 2*time.Second)) // the drop
		proxy.Refuse.Store(false)
		time.Sleep(h.lasts(500*time.Millisecond, 3*time.Second)) // the time between two
	}
	h.healed = time.Now()
	h.awaitLive()
	h.remark = fmt.Sprintf("%d drops", rounds)
	h.judge("F42", "displays_drop_again_and_again", 5*time.Second)
}

func (h *rig) lasts(quick, full time.Duration) time.Duration {
	if h.full {
		return full
	}
	return quick
}
