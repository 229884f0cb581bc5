package bench

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db/load"
)

func dataset() *load.Dataset { return load.Open("", "0b6a9c1e-2f0d-4c57-a955-", 2) }

// A bench that cannot see a loss measures nothing.
func TestTallySeesWhatIsLostDuplicatedOrOutOfOrder(t *testing.T) {
	at := func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }
	orders := []committed{{0, at(10)}, {1, at(10)}, {0, at(20)}, {}, {0, at(30)}} // the fourth was not committed
	receiptsOf := func(numbers ...int32) (r []receipt) {
		for _, n := range numbers {
			r = append(r, receipt{order: n, at: orders[n].at + at(2)})
		}
		return r
	}
	for name, c := range map[string]struct {
		receipts                                []receipt
		delivered, lost, duplicated, disordered int
	}{
		"all":                {receiptsOf(0, 2, 4), 3, 0, 0, 0},
		"one is missing":     {receiptsOf(0, 4), 2, 1, 0, 0},
		"none":               {nil, 0, 3, 0, 0},
		"one twice":          {receiptsOf(0, 2, 2, 4), 3, 0, 1, 0},
		"the second first":   {receiptsOf(2, 0, 4), 3, 0, 0, 1},
		"one within a queue": {append(receiptsOf(0), receipt{2, true, at(25)}, receipt{4, false, at(35)}), 3, 0, 0, 0},
		"a queue afterwards": {append(receiptsOf(0, 2, 4), receipt{0, true, at(40)}, receipt{2, true, at(40)}), 3, 0, 0, 0},
	} {
		group := displayGroup{displays: []*display{{restaurant: 0, receipts: c.receipts}}}
		got := group.tally(orders)
		if got.delivered != c.delivered || got.lost != c.lost || got.duplicated != c.duplicated || got.disordered != c.disordered {
			t.Errorf("%s: %d delivered, %d lost, %d duplicated, %d out of order", name, got.delivered, got.lost, got.duplicated, got.disordered)
		}
	}
	both := displayGroup{displays: []*display{{receipts: receiptsOf(0)}, {receipts: []receipt{{0, false, at(19)}}}}}
	if last := both.tally(orders[:1]).last; !slices.Equal(last, []time.Duration{at(9)}) {
		t.Errorf("the last display had it after %v", last)
	}
}

// An alarm names an order, too. Counted as an event, it would end the measurement before the last events have come.
func TestOnlyEventsAndQueuesCountAsReceipts(t *testing.T) {
	data := dataset()
	id := string(data.OrderID(7))
	for text, want := range map[string]struct{ events, receipts int }{
		`{"type":"order_created","order":{"id":"` + id + `"}}`:                                  {1, 1},
		`{"type":"order_status_changed","order_id":"` + id + `","status":"ready"}`:              {1, 1},
		`{"type":"initial_queue","orders":[{"id":"` + id + `"},{"id":"` + id + `"}]}`:           {0, 2},
		`{"type":"alarm","reason":"not_painted","oldest_order_id":"` + id + `","count":1}`:      {0, 0},
		`{"type":"alarm_over","reason":"not_painted","oldest_order_id":"` + id + `","count":1}`: {0, 0},
		`{"type":"heartbeat","live":true}`:                                                      {0, 0},
	} {
		c, d := newDisplayGroup(Node{}, data), &display{}
		c.receive(d, []byte(text), time.Second)
		if got := int(c.received.Load()); got != want.events || len(d.receipts) != want.receipts {
			t.Errorf("%s: %d events, %d receipts", text, got, len(d.receipts))
		}
	}
}

// Frames come in pieces, and many at once.
func TestDisplayReadsFramesAsTheyCome(t *testing.T) {
	text := func(s string) string {
		if len(s) < 126 {
			return "\x81" + string(rune(len(s))) + s
		}
		return "\x81\x7e" + string([]byte{byte(len(s) >> 8), byte(len(s))}) + s
	}
	queue := strings.Repeat("q", 20_000)
	wire := text("a") + "\x89\x01p" + text(queue) + text("b") + "\x88\x04\x0f\xa1no"
	for _, size := range []int{1, 7, 4096, len(wire)} {
		server, client := net.Pipe()
		pong := make(chan string, 1)
		go func() {
			for chunk := range slices.Chunk([]byte(wire), size) {
				if _, err := server.Write(chunk); err != nil {
					return
				}
			}
		}()
		go func() {
			buf := make([]byte, 7)
			_, _ = server.Read(buf)
			pong <- string(buf)
			_, _ = server.Read(make([]byte, 64)) // the close frame
		}()
		var arrived []string
		d := &display{conn: client}
		err := d.read(nil, func() time.Duration { return 0 }, func(text []byte, _ time.Duration) { arrived = append(arrived, string(text)) })
		if !slices.Equal(arrived, []string{"a", queue, "b"}) {
			t.Errorf("in pieces of %d: %d texts", size, len(arrived))
		}
		if err == nil || !strings.Contains(err.Error(), "code 4001: no") {
			t.Errorf("in pieces of %d: ended with %v", size, err)
		}
		if p := <-pong; p != "\x8a\x81\x00\x00\x00\x00p" {
			t.Errorf("in pieces of %d: a ping was answered with %q", size, p)
		}
		_ = client.Close()
		_ = server.Close()
	}
}

func TestOrdersAreFoundByTheirNumbers(t *testing.T) {
	data := dataset()
	text := []byte(`{"restaurant_id":"` + string(data.Restaurants[1]) + `","orders":[{"id":"` + string(data.OrderID(7)) + `"},{"id":"` + string(data.OrderID(1<<30)) + `"}]}`)
	var found []int
	for from := 0; ; {
		number, next, ok := data.FindNumber(text, from)
		if !ok {
			break
		}
		found, from = append(found, number), next
	}
	if !slices.Equal(found, []int{7, 1 << 30}) {
		t.Errorf("found %v", found)
	}
}
