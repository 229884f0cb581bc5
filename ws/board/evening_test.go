package board_test

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/memory"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	. "kitchen/ws/board/boardtest"
)

var evening = flag.Duration("evening", 6*time.Second, "how long the evening of TestEveningDoesNotGrowThePage lasts: 8m for 8 hours at 60 times the speed")

// kept is what a page holds after a garbage collection.
type kept struct {
	heap                       float64 // bytes that its objects take
	elements, nodes, listeners int     // nodes and listeners also of what is in no document any more
}

func holds(t *testing.T, p *Page) kept {
	t.Helper()
	if _, err := chromedp.Call(p.Context(), heapprofiler.CollectGarbage, struct{}{}); err != nil {
		t.Fatal(err)
	}
	usage, err := chromedp.Call(p.Context(), runtime.GetHeapUsage, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	counts, err := chromedp.Call(p.Context(), memory.GetDOMCounters, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	return kept{usage.UsedSize, Eval[int](p, `document.querySelectorAll("*").length`), int(counts.Nodes), int(counts.JsEventListeners)}
}

func (k kept) String() string {
	return fmt.Sprintf("heap %.2f MB, %d elements, %d nodes, %d listeners", k.heap/1e6, k.elements, k.nodes, k.listeners)
}

// TestEveningDoesNotGrowThePage serves 40 orders an hour at 60 times the speed: each comes, is changed, cooked, ready and done.
func TestEveningDoesNotGrowThePage(t *testing.T) {
	k := newKitchen(t)
	rush(k, 12)
	p := openLive(t, k, Moving())
	p.Wait(Ticket(101))
	ctx, cancel := context.WithTimeout(t.Context(), *evening)
	defer cancel()
	tick := time.NewTicker(1500 * time.Millisecond / 4)
	defer tick.Stop()
	number := 1000
	var open []*order
	step := func() {
		switch number++; number % 4 {
		case 0:
			open = append(open, k.add(order{Number: number, Items: []item{line(2, fmt.Sprintf("Dish %d", number), "no onion"), line(1, "Fries")}}))
		case 1:
			if len(open) > 0 {
				k.change(open[len(open)-1], func(o *order) { o.Items = append(o.Items, line(1, "Espresso")) })
			}
		case 2:
			for _, o := range open {
				k.set(o, map[string]string{"pending": "preparing", "preparing": "ready", "ready": "completed"}[o.Status])
			}
			for len(open) > 0 && open[0].Status == "completed" {
				open = open[1:]
			}
		case 3:
			Eval[any](p, `(document.querySelector("article")?.click(), 0)`)
		}
	}
	// The first part warms the page up: what it keeps for good it has by then.
	for range 40 {
		step()
	}
	before := holds(t, p)
	steps := 0
	for running := true; running; {
		select {
		case <-ctx.Done():
			running = false
		case <-tick.C:
			step()
			steps++
		}
	}
	after := holds(t, p)
	t.Logf("%d steps in %v: %v; then %v", steps, *evening, before, after)
	if after.heap > before.heap+1e6 || after.elements > before.elements*2 || after.nodes > before.nodes*2 || after.listeners > before.listeners*2 {
		t.Errorf("the page grew: %v; then %v", before, after)
	}
}
