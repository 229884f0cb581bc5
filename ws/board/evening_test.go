package board_test

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	. "kitchen/ws/board/boardtest"
)

var evening = flag.Duration("evening", 6*time.Second, "how long the evening of TestEveningDoesNotGrowThePage lasts: 8m for 8 hours at 60 times the speed")

// usedHeap is what the page's objects take after a garbage collection.
func usedHeap(t *testing.T, p *Page) float64 {
	t.Helper()
	if _, err := chromedp.Call(p.Context(), heapprofiler.CollectGarbage, struct{}{}); err != nil {
		t.Fatal(err)
	}
	usage, err := chromedp.Call(p.Context(), runtime.GetHeapUsage, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	return usage.UsedSize
}

// TestEveningDoesNotGrowThePage serves 40 orders an hour at 60 times the speed: each comes, is changed, cooked, ready and done.
func TestEveningDoesNotGrowThePage(t *testing.T) {
	k := newKitchen(t)
	rush(k, 12)
	p := openLive(t, k)
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
	before, nodes := usedHeap(t, p), Eval[int](p, `document.querySelectorAll("*").length`)
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
	after, now := usedHeap(t, p), Eval[int](p, `document.querySelectorAll("*").length`)
	t.Logf("%d steps in %v: heap %.2f MB, then %.2f MB; %d elements, then %d", steps, *evening, before/1e6, after/1e6, nodes, now)
	if after > before+1e6 {
		t.Errorf("the page grew from %.2f to %.2f MB", before/1e6, after/1e6)
	}
	if now > nodes*2 {
		t.Errorf("the page grew from %d to %d elements", nodes, now)
	}
}
