package main

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"kitchen/db/dbtest"
)

// attackTime is how long `make attack` wants an attack to go on, with as many attackers as there were in earnest.
func attackTime() time.Duration {
	d, _ := time.ParseDuration(flagged(attackFlag)) // as the flag's own String has it
	return d
}

// One restaurant whose displays tap an order that psql holds locked, and ask for the recall list all the time: others join
// at once, move their orders, and a user who is dismissed is closed.
func TestLockedOrderAndRecallListsStarveNobody(t *testing.T) {
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	busy, other := newHouse(t, url, "ana"), newHouse(t, url, "bea")
	gone := other.another(t, "gone")
	locked, theirs := busy.order(t, ""), other.order(t, "")
	tapping, listing, rounds := 20, 10, 1
	if attackTime() > 0 {
		tapping, listing, rounds = 50, 150, max(1, int(attackTime()/time.Second))
	}

	holder := dbtest.Conn(t, url)
	if _, err := holder.Exec(t.Context(), `begin; select from orders where id = '`+string(locked)+`' for update`); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var attack sync.WaitGroup
	defer attack.Wait()
	defer close(stop)
	for i := range tapping + listing {
		d := open(t, n, busy, busy.token(t))
		if m := d.next(); m["type"] != "initial_queue" {
			t.Fatalf("a display of the busy restaurant first got %v, want initial_queue", m)
		}
		attack.Go(func() {
			every := time.NewTicker(time.Second / 18)
			defer every.Stop()
			go func() {
				for { // whatever comes is read, so that nothing is slow here
					if _, _, err := d.conn.NextReader(); err != nil {
						return
					}
				}
			}()
			for {
				message := fields{"type": "list_recent"}
				if i < tapping {
					message = fields{"type": "update_status", "order_id": string(locked), "status": "ready", "request_id": 1}
				}
				if d.conn.WriteJSON(message) != nil {
					return
				}
				select {
				case <-stop:
					_ = d.conn.Close()
					return
				case <-every.C:
				}
			}
		})
	}
	blocked := func() (n int) {
		count, err := strconv.Atoi(busy.ask(t, `select count(*)::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`))
		if err != nil {
			t.Fatal(err)
		}
		return count
	}
	until(t, "another process waits for the order", func() bool { return blocked() > 0 })

	fastest := time.Hour
	for range max(3, rounds) {
		began := time.Now()
		d := open(t, n, other, other.token(t))
		if m := d.next(); m["type"] != "initial_queue" {
			t.Fatalf("a display of another restaurant first got %v, want initial_queue", m)
		}
		if a := d.ask(fields{"type": "update_status", "order_id": string(theirs), "status": "preparing", "request_id": 1}); a["type"] != "ack" {
			t.Errorf("a tap of another restaurant: %v", a)
		}
		if a := d.ask(fields{"type": "list_recent"}); a["type"] != "recent_orders" {
			t.Errorf("a recall list of another restaurant: %v", a)
		}
		fastest = min(fastest, time.Since(began))
		_ = d.conn.Close()
	}
	if fastest > time.Second {
		t.Errorf("to join, tap and list took %v at best", fastest)
	}
	dismissed := open(t, n, gone, gone.token(t))
	if m := dismissed.next(); m["type"] != "initial_queue" {
		t.Fatalf("the display of the user who is dismissed later first got %v, want initial_queue", m)
	}
	began := time.Now()
	execute(t, other, `update users set is_active = false where username = 'gone'`)
	if code := dismissed.closed(); code != 4001 {
		t.Errorf("the dismissed user is closed with %d", code)
	}
	took := time.Since(began)
	t.Logf("joined, tapped and listed in %v; closed the dismissed user after %v", fastest, took)
	if took > 2*time.Second { // a busy machine's second
		t.Errorf("the dismissed user was closed after %v", took)
	}
}
