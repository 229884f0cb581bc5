package terminal

import (
	"strings"
	"testing"
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
)

// A writer of orders must not be able to send control characters to a cook's terminal.
func TestTextOfOrdersCannotCommandATerminal(t *testing.T) {
	var out strings.Builder
	lines := NewTranscript(&out)
	evil := "a\x1b]0;title\x07b\x9bc\r\nd\u202ee\te"
	lines.Write(Message{Type: "initial_queue", Live: true, Restaurant: restaurantInfo{Name: evil}, Orders: []Ticket{{Order: order.Order{
		ID: "1", Number: 1, Type: evil, Status: order.Status(evil), CustomerName: evil, Notes: evil, AllergyNote: evil,
		Table: &order.Table{Label: evil}, CreatedBy: &order.CreatedBy{Name: evil},
	}, Items: []line{{MenuItem: order.Ref{Name: evil}, Notes: evil, Modifiers: []modifier{{Option: order.Ref{Name: evil}}}}}}}})
	lines.Write(Message{Type: "order_status_changed", OrderID: order.OrderID(evil), Status: order.Status(evil)})
	lines.Write(Message{Type: "error", Code: evil, Message: evil})
	lines.Lost(time.Second, text.Clean(evil))
	written := out.String()
	if n := strings.Count(written, "\n"); n != 5 {
		t.Errorf("%d lines, want 5:\n%q", n, written)
	}
	for _, c := range "\x1b\x07\u009b\r\t\u202e" {
		if strings.ContainsRune(written, c) {
			t.Errorf("%U gets through: %q", c, written)
		}
	}
	if got := text.Clean(strings.Repeat("é", 500)); len([]rune(got)) != text.Longest || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text becomes %q", got)
	}
}

func TestTranscriptHasTheTimesOfTheRestaurant(t *testing.T) {
	var out strings.Builder
	lines := NewTranscript(&out)
	at := time.Date(2026, 11, 23, 19, 0, 0, 0, time.UTC)
	due := at.Add(time.Hour)
	lines.Lost(time.Second, "connection refused")
	if before := out.String(); !strings.Contains(before, " UTC  NOT CONNECTED") {
		t.Errorf("before the restaurant's zone is known: %s", before)
	}
	soup := Ticket{Order: order.Order{ID: "1", Number: 1, Type: "takeaway", PromisedAt: &due}, Items: []line{{Quantity: "1.5", MenuItem: order.Ref{Name: "Soup"}}}}
	lines.Write(Message{At: at, Type: "initial_queue", Live: true, Restaurant: restaurantInfo{Name: "Da Gino", Timezone: "Asia/Kolkata"}, Orders: []Ticket{soup}})
	lines.Write(Message{At: at, Type: "order_status_changed", OrderID: "1", Status: cancelled, By: "till-3"})
	for _, want := range []string{"LIVE (times of Asia/Kolkata)", "00:30:00.000  #1", "takeaway, promised 01:30: 1.5x Soup", "#1 cancelled (by till-3): STOP COOKING"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestTranscriptSaysWhatMovedAtWhichStation(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	lines := NewTranscript(&out)
	ticket := func(items ...line) *Ticket {
		return &Ticket{Order: order.Order{ID: "1", Number: 7, Type: "dine_in", Status: order.Pending}, Items: items}
	}
	write := func(word string, o *Ticket) string {
		out.Reset()
		lines.Write(Message{Type: word, Order: o, By: "till"})
		return strings.TrimSpace(out.String()[strings.IndexByte(out.String(), '#'):])
	}
	lines.Write(Message{Type: "initial_queue", Live: true, Restaurant: restaurantInfo{Name: "Da Gino", Stations: kitchenOf(4)}})
	write("order_created", ticket(at("1", "Steak", "g:pending"), at("2", "Beer", "b:pending"), at("3", "Water", ":pending")))
	for _, c := range []struct {
		want string
		now  *Ticket
	}{
		{"#7 changed Grill: 1x Steak cooking (by till)", ticket(at("1", "Steak", "g:preparing"), at("2", "Beer", "b:pending"), at("3", "Water", ":pending"))},
		{"#7 changed Bar: 1x Beer ready, no station: 1x Water ready (by till)", ticket(at("1", "Steak", "g:preparing"), at("2", "Beer", "b:ready"), at("3", "Water", ":ready"))},
		{"#7 changed dine-in: 1x Steak, 1x Ale, 1x Water (by till)", ticket(at("1", "Steak", "g:preparing"), at("2", "Ale", "b:ready"), at("3", "Water", ":ready"))},
	} {
		if got := write("order_updated", c.now); got != c.want {
			t.Errorf("it says  %s\nand not %s", got, c.want)
		}
	}
}

func TestDisplaysDoNotComeBackInStep(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 20 {
		again := newBackoff()
		for failures := range 40 {
			bound := min(500*time.Millisecond<<min(failures, 10), 10*time.Second)
			wait := again.NextBackOff()
			if wait < 0 || wait > bound {
				t.Fatalf("after %d failures, %s; the bound is %s", failures, wait, bound)
			}
			seen[wait] = true
		}
	}
	if len(seen) < 700 {
		t.Errorf("only %d different waits of 800", len(seen))
	}
}
