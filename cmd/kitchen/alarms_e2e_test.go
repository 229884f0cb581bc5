package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"kitchen/db/dbtest"
)

// An order that nobody sees causes one alarm for each receiver: tills that listen, a web hook, an operator at a terminal, and the displays of its
// restaurant, also when the node that checks is killed while it posts; and once when it is over.
func TestOrderThatNobodySawIsTold(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "bea")
	posted, posting := make(chan string, 100), make(chan struct{})
	var first sync.Once
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		dies := false // the node that posts the first alarm
		first.Do(func() { dies = true })
		if dies {
			close(posting)
			<-r.Context().Done()
			return
		}
		mac := hmac.New(sha256.New, []byte("hook secret"))
		mac.Write(body)
		if r.Header.Get("X-Kitchen-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
			t.Errorf("not signed: %v", r.Header)
		}
		posted <- string(body)
	}))
	t.Cleanup(hook.Close)
	env := append(onDatabase(url), "KITCHEN_ALARM_URL="+hook.URL, "KITCHEN_ALARM_SECRET=hook secret")

	till := dbtest.Conn(t, url)
	if _, err := till.Exec(t.Context(), `listen kitchen_alarms`); err != nil {
		t.Fatal(err)
	}
	// expectAlarm waits for the next alarm at the till, and for the same at the web hook and at the terminal.
	operator := start(t, onDatabase(url), "alarms")
	expectAlarm := func(kind, reason, order string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*waitLimit)
		defer cancel()
		n, err := till.WaitForNotification(ctx)
		if err != nil {
			t.Fatalf("no %s %s at the till: %v", kind, reason, err)
		}
		var a struct {
			Type, Reason string
			Restaurant   string `json:"restaurant_id"`
			Orders       int
			Oldest       string `json:"oldest_order_id"`
			Number       int    `json:"oldest_order_number"`
			Age          *int   `json:"age_s"`
		}
		if err := json.Unmarshal([]byte(n.Payload), &a); err != nil || a.Type != kind || a.Reason != reason || a.Restaurant != string(h.restaurant) ||
			a.Orders != 1 || a.Oldest != order || a.Number == 0 || a.Age == nil {
			t.Errorf("the till received %s (%v), want %s %s", n.Payload, err, kind, reason)
		}
		select {
		case body := <-posted:
			if body != n.Payload {
				t.Errorf("posted %s, and the till received %s", body, n.Payload)
			}
		case <-ctx.Done():
			t.Errorf("nothing was posted of %s", n.Payload)
		}
		words := map[string]string{"no_display": "no display is connected", "not_painted": "no display has shown the order", "not_touched": "nobody has touched the order"}[reason]
		words = map[string]string{"alarm": "ALARM: " + words + ": #" + fmt.Sprint(a.Number), "alarm_over": "over: " + words}[kind]
		if line := operator.line(t, words); !strings.Contains(line, "House of ana ("+string(h.restaurant)+")") {
			t.Errorf("the operator reads %q, want %q", line, words)
		}
	}

	dying := spawn(t, env, "serve", "--listen", "127.0.0.1:0")
	dying.line(t, "http://")
	dying.stderr.await(t, "this_node=true")
	second := &served{running: start(t, env, "serve", "--listen", "127.0.0.1:0")}
	second.url = second.line(t, "http://")
	second.await(t, "/readyz", http.StatusOK)

	soup := string(h.order(t, ""))
	select {
	case <-posting:
	case <-time.After(2 * waitLimit):
		t.Fatal("nothing is posted")
	}
	if err := dying.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	expectAlarm("alarm", "no_display", soup)
	second.stderr.await(t, "this_node=true")

	// A display learns of it with its queue. Another restaurant's receives nothing.
	theirs := open(t, second, other, other.token(t))
	theirs.next()
	d := open(t, second, h, h.token(t))
	queue := d.next()
	alarms, _ := queue["alarms"].([]any)
	if len(alarms) != 1 || alarms[0].(fields)["reason"] != "no_display" || alarms[0].(fields)["count"] != 1. {
		t.Errorf("initial_queue with %v", alarms)
	}
	d.send(fields{"type": "seen", "how": "painted", "orders": []fields{{"order_id": soup, "version": 1}}})
	expectAlarm("alarm_over", "no_display", soup)
	d.send(fields{"type": "seen", "how": "touched", "orders": []fields{{"order_id": soup, "version": 1}}})

	cake := string(h.order(t, "")) // which the display gets, and never paints
	expectAlarm("alarm", "not_painted", cake)
	_, address, _ := strings.Cut(second.stderr.String(), "msg=metrics address=")
	address, _, _ = strings.Cut(address, "/metrics")
	trace := func(order string, words ...string) {
		t.Helper()
		out, _, _ := kitchen(t, nil, "trace", order, "--metrics-url", address)
		for _, want := range words {
			if !strings.Contains(out, want) {
				t.Errorf("trace says nothing like %q:\n%s", want, out)
			}
		}
	}
	trace(cake, "no display has said that it has painted it")
	theirs.send(fields{"type": "seen", "how": "painted", "orders": []fields{{"order_id": cake, "version": 1}}}) // of another restaurant
	execute(t, h, `update orders set status = 'preparing' where id = $1`, cake)
	expectAlarm("alarm_over", "not_painted", cake)
	alarmsOf := map[any]int{}
	for m := range d.history() {
		if m["type"] == "alarm" || m["type"] == "alarm_over" {
			alarmsOf[fmt.Sprint(m["type"], " ", m["reason"])]++
		}
		if alarmsOf["alarm_over not_painted"] > 0 {
			break
		}
	}
	if fmt.Sprint(alarmsOf) != "map[alarm not_painted:1 alarm_over no_display:1 alarm_over not_painted:1]" {
		t.Errorf("the display received %v", alarmsOf)
	}

	// kitchen trace shows who has seen what, and metrics how often.
	trace(soup, "painted, version 1: ", "touched, version 1: ")
	response, err := http.Get(address + "/metrics") //nolint:noctx // of this test's own node
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	for _, want := range []string{`kitchen_alarms_total{reason="not_painted"} 1`, `kitchen_alarms{reason="not_painted"} 0`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	// No alarm comes twice.
	quiet, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if n, err := till.WaitForNotification(quiet); err == nil {
		t.Errorf("and the till received %s", n.Payload)
	}
}
