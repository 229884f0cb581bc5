package main

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kitchen/db/dbtest"
	. "kitchen/ws/board/boardtest"
)

// TestBoardIsFastWithFortyTickets measures on one machine, where the browser's clock is the writer's: from commit to pixels,
// and whether twenty updates a second ever keep the page from answering a finger for 50 ms. What is demanded must be met once in
// some rounds, because another program may take the machine away for a moment; a board that is slow is slow in every round. A
// machine that has no quiet round at all proves nothing about tails: there, half of the updates must be that fast.
func TestBoardIsFastWithFortyTickets(t *testing.T) {
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	execute(t, h, `
		with o as (insert into orders (restaurant_id) select $1 from generate_series(1, 40) returning id),
		     i as (insert into order_items (restaurant_id, order_id, name, position)
		           select $1, o.id, 'Line', l from o, generate_series(1, 6) l returning id)
		insert into order_item_modifiers (restaurant_id, order_item_id, name) select $1, id, 'no onion' from i`, string(h.restaurant))
	paintsFast(t, chromium.Start(t).Open(t, n.board(t, h), Moving()), h, func(note string, i int) {
		execute(t, h, `update orders set notes = $1 where order_number = $2`, note, 3+i%38)
	})
}

// A pass shows whole tickets, and the ticks of all stations arrive there.
func TestPassIsFastWithFortyTicketsOfSixLines(t *testing.T) {
	url := dbtest.New(t)
	s := scene{house: newHouse(t, url, "ana"), served: startServe(t, onDatabase(url)...), url: url, browser: chromium.Start(t)}
	s.stationed(t)
	s.run(t, `
		with o as (insert into orders (restaurant_id) select $1::text::uuid from generate_series(1, 40) returning id)
		insert into order_items (restaurant_id, order_id, name, category, position)
		select $1::text::uuid, o.id, 'Line', case when l < 5 then 'meat' else 'drinks' end, l from o, generate_series(1, 6) l`)
	paintsFast(t, s.at(t, "Pass", Moving()), s.house, func(_ string, i int) {
		s.run(t, `select kitchen.set_lines(o.id, s.id, $3, array(select l.id from order_items l where l.order_id = o.id and l.position = 1 + $4::int % 4)::kitchen.line_key[])
			from orders o join kitchen.stations s on s.restaurant_id = o.restaurant_id and s.name = 'Grill'
			where o.restaurant_id = $1::text::uuid and o.order_number = $2`, 1+i%8, []string{"preparing", "ready"}[i/8%2], i)
	})
}

// paintsFast measures notes of the first two orders, ten a second, with as many other updates. Another finger's wait of more than 50 ms
// for the page is a fault.
func paintsFast(t *testing.T, p *Page, h house, update func(note string, i int)) {
	t.Helper()
	p.Wait(Status + ` === "Live"`)
	p.Wait(Ticket(1))
	p.Press("a") // the all-day panel counts along
	p.Wait(`document.querySelector("aside.allday")`)
	Eval[any](p, `(() => {
		globalThis.pixels = new Map();
		globalThis.long = [];
		new PerformanceObserver((l) => long.push(...l.getEntries().map((e) => e.duration))).observe({ type: "longtask" });
		new MutationObserver(() => {
			for (const q of document.querySelectorAll("#wall li.note q")) {
				const t = q.textContent;
				if (!t.startsWith("t") || pixels.has(t)) continue;
				pixels.set(t, 0);
				requestAnimationFrame(() => {
					const c = new MessageChannel();
					c.port1.onmessage = () => pixels.set(t, Date.now());
					c.port2.postMessage(0);
				});
			}
		}).observe(document.querySelector("#wall"), { subtree: true, childList: true, characterData: true });
		return 0;
	})()`)
	const rounds, updates = 5, 40
	p50, p99 := time.Hour, time.Hour // of the best round
	var long []float64
	fast, smooth, quiet := false, false, false
	for round := range rounds {
		Eval[any](p, `long.length = 0, 0`)
		late := lateness(t)
		committed := map[string]time.Time{}
		due := time.NewTicker(time.Second / 10)
		for i := range updates {
			<-due.C
			note := fmt.Sprintf("t%d-%d", round, i)
			execute(t, h, `update orders set notes = $1 where order_number = $2`, note, 1+i%2) // both on the page
			committed[note] = time.Now()
			update(note, i)
		}
		due.Stop()
		p.Wait(fmt.Sprintf(`pixels.get("t%d-%d") > 0`, round, updates-1))
		var took []time.Duration
		for note, at := range Eval[map[string]float64](p, `Object.fromEntries(pixels)`) {
			if since, ok := committed[note]; ok && at > 0 {
				took = append(took, time.UnixMilli(int64(at)).Sub(since))
			}
		}
		if len(took) < updates/2 { // two that come in one frame are drawn as one
			t.Fatalf("of %d updates %d were drawn", updates, len(took))
		}
		slices.Sort(took)
		half, tail := took[len(took)/2], took[len(took)*99/100]
		long = Eval[[]float64](p, `long`)
		stolen := late()
		t.Logf("round %d: from commit to pixels p50 %v, p99 %v; tasks over 50 ms: %v; the machine was away for up to %v",
			round+1, half, tail, long, stolen)
		p50, p99 = min(p50, half), min(p99, tail)
		fast, smooth = fast || tail < 100*time.Millisecond, smooth || len(long) == 0
		quiet = quiet || stolen < 20*time.Millisecond
		if fast && smooth {
			return
		}
	}
	if !quiet && p50 < 100*time.Millisecond {
		return
	}
	t.Errorf("in the best of %d rounds: from commit to pixels p50 %v, p99 %v, want below 100 ms; in the last one tasks over 50 ms: %v",
		rounds, p50, p99, long)
}

// lateness says, when it is asked, by how much the machine was late to wake this process up meanwhile, in the worst of cases.
func lateness(t *testing.T) func() time.Duration {
	stop, worst := make(chan struct{}), make(chan time.Duration, 1)
	go func() {
		const nap = 2 * time.Millisecond
		var most time.Duration
		for {
			from := time.Now()
			select {
			case <-stop:
				worst <- most
				return
			case <-time.After(nap):
				most = max(most, time.Since(from)-nap)
			}
		}
	}()
	end := sync.OnceValue(func() time.Duration {
		close(stop)
		return <-worst
	})
	t.Cleanup(func() { end() })
	return end
}
