package main

import (
	"maps"
	"sync"
	"testing"

	"kitchen/db/dbtest"
	"kitchen/db/local"
)

func TestTwoNodesShareOneDatabase(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	one, two := startServe(t, onDatabase(url)...), startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	id := string(h.order(t, ""))
	a, b := open(t, one, h, h.token(t)), open(t, two, h, h.token(t))
	a.next()
	b.next()
	for i, status := range []string{"preparing", "ready", "completed"} {
		from, to := a, b
		if i%2 == 1 {
			from, to = b, a
		}
		from.send(fields{"type": "update_status", "order_id": id, "status": status})
		for _, d := range []*frames{from, to} {
			if m := d.next(); m["type"] != "order_status_changed" || m["status"] != status {
				t.Errorf("%s: %v", status, m)
			}
		}
	}
}

func (h house) queue(t *testing.T) map[string]string {
	t.Helper()
	rows, err := h.pool.Query(t.Context(), `select o.id::text, v.version || ' ' || o.status from orders o join kitchen.order_versions v on v.order_id = o.id
		where o.restaurant_id = $1 and o.status in ('pending', 'preparing', 'ready')`, string(h.restaurant))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	truth := map[string]string{}
	for rows.Next() {
		var id, is string
		if err := rows.Scan(&id, &is); err != nil {
			t.Fatal(err)
		}
		truth[id] = is
	}
	return truth
}

func TestEveryDisplayEndsEqualToTheDatabaseAfterPostgresFails(t *testing.T) {
	t.Parallel()
	// What was committed survives a crash: otherwise a display may rightly receive a whole queue.
	server := dbtest.Cluster(t, map[string]string{"synchronous_commit": "on"})
	one, two := startServe(t, onDatabase(server.URL())...), startServe(t, onDatabase(server.URL())...)
	h := newHouse(t, server.URL(), "ana")
	var displays []*frames
	for i := range 6 {
		d := open(t, []*served{one, two}[i%2], h, h.token(t))
		d.next()
		displays = append(displays, d)
	}
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for range 2 {
		writers.Go(func() { // goes on through the outage: what fails was never written
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				_, _ = h.pool.Exec(t.Context(), `insert into orders (restaurant_id) values ($1)`, string(h.restaurant))
				_, _ = h.pool.Exec(t.Context(), `update orders set status = case status when 'pending' then 'preparing' else 'completed' end
					where id = (select id from orders where status in ('pending', 'preparing') order by random() limit 1)`)
			}
		})
	}
	for _, mode := range []local.Mode{local.Fast, local.Immediate} {
		execute(t, h, `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kitchen-listener'`)
		if err := server.Restart(t.Context(), mode); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	writers.Wait()
	h.pool.Reset()
	last := string(h.order(t, "last"))
	truth := h.queue(t)
	for i, d := range displays {
		queue, live, queues, deaf := map[string]string{}, true, 0, false
		for m := range d.history() {
			switch queue = fold(t, queue, m); m["type"] {
			case "initial_queue":
				queues, live = queues+1, m["live"] == true
			case "heartbeat":
				live = m["live"] == true
				deaf = deaf || !live
			}
			if queue[last] != "" && live && maps.Equal(queue, truth) {
				break
			}
		}
		if queues != 1 || !deaf {
			t.Errorf("display %d: %d queues, want one; received live:false: %v", i, queues, deaf)
		}
	}
}
