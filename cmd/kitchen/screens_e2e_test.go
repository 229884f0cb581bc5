package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"kitchen/db/dbtest"
)

// Displays on two nodes know of each other: what each shows, when one leaves, and when its whole node is killed.
func TestScreensAreKnownOnAllNodes(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	station := func(name string, at int) string {
		return h.ask(t, `insert into kitchen.stations (restaurant_id, name, position) values ($1, $2, $3) returning id::text`, h.restaurant, name, at)
	}
	grill, bar := station("Grill", 1), station("Bar", 2)
	first := startServe(t, onDatabase(url)...)
	process := spawn(t, onDatabase(url), "serve", "--listen", "127.0.0.1:0")
	second := &served{url: process.line(t, "http://")}

	one := open(t, first, h, h.token(t))
	two, three := open(t, second, h, h.token(t)), open(t, second, h, h.token(t))
	shown := func(atGrill, atBar, all int, displays ...*frames) {
		t.Helper()
		for _, d := range displays {
			for deadline := time.Now().Add(waitLimit); ; {
				m := d.any()
				if stations, _ := m["stations"].([]any); m["type"] == "screens" && len(stations) == 2 && m["all"] == float64(all) &&
					stations[0].(fields)["id"] == grill && stations[0].(fields)["screens"] == float64(atGrill) &&
					stations[1].(fields)["id"] == bar && stations[1].(fields)["screens"] == float64(atBar) {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("no screens of %d, %d and %d: %v", atGrill, atBar, all, d.all)
				}
			}
		}
	}
	shown(0, 0, 3, one, two, three)
	one.send(fields{"type": "show", "stations": []string{grill}})
	two.send(fields{"type": "show", "stations": []string{grill, bar}})
	shown(2, 1, 1, one, two, three)
	one.send(fields{"type": "show", "stations": []string{string(h.restaurant)}, "request_id": 1})
	for m := range one.history() {
		if m["type"] == "error" {
			if m["code"] != "invalid_message" || m["request_id"] != 1. || !strings.Contains(m["message"].(string), "no station") {
				t.Errorf("a station of nobody: %v", m)
			}
			break
		}
	}
	three.conn.Close()
	shown(2, 1, 0, one, two)
	process.send(t, syscall.SIGKILL)
	killed := time.Now()
	shown(1, 0, 0, one)
	if after := time.Since(killed); after > 15*time.Second+time.Second { // one for a machine that is busy
		t.Errorf("a killed node was forgotten after %v", after)
	}
	two = open(t, first, h, h.token(t))
	shown(1, 0, 1, one, two)
}
