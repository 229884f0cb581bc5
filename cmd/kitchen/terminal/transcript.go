package terminal

import (
	"fmt"
	"io"
	"strings"
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/db/order"
)

// transcript prints a readable line for each message of a display. Only one goroutine may use it.
type transcript struct {
	w     io.Writer
	shown map[order.OrderID]*Ticket // as printed last: later events have only the id, and a changed order is compared with it
	live  bool
	zone  *time.Location // the restaurant's; nil until it is known

	view    view
	send    func(any) error           // to the node
	hidden  map[order.OrderID]*Ticket // open orders that were not printed
	unshown string                    // stations without a screen, as printed last
}

// NewTranscript returns a transcript that writes to w.
func NewTranscript(w io.Writer) *transcript {
	return &transcript{w: w, shown: map[order.OrderID]*Ticket{}, hidden: map[order.OrderID]*Ticket{}, live: true}
}

// Of limits the transcript to some stations. The viewer whose messages it prints sends them to the node.
func (t *transcript) Of(v *Viewer, stations ...string) { t.view.asked, t.send = stations, v.send }

// Write prints what a message changes.
func (t *transcript) Write(m Message) {
	switch m.Type {
	case "initial_queue":
		clear(t.shown)
		clear(t.hidden)
		clock := t.setZone(m.Restaurant.zone())
		t.takeStations(m)
		t.live = m.Live
		t.line(m.At, "%s, %s; %s%s", text.Clean(m.Restaurant.Name), text.Count(len(m.Orders), "open order"), liveWord(m.Live), clock)
		for i := range m.Orders {
			t.order(m.At, &m.Orders[i], string(m.Orders[i].Status), "")
		}
		for _, a := range m.Alarms {
			t.line(m.At, "%s", text.Clean(a.words()))
		}
	case "alarm":
		t.line(m.At, "%s", text.Clean(m.alarm.words()))
	case "alarm_over":
		t.line(m.At, "the alarm is over: %s", text.Clean(reasonInWords(m.Reason)))
	case "order_created":
		t.order(m.At, m.Order, "NEW", by(m))
	case "order_updated":
		word := "changed"
		if m.Order != nil && m.Order.Recalled {
			word = "RECALLED"
		}
		t.order(m.At, m.Order, word, by(m))
	case "screens":
		t.view.setScreens(m)
		if missing := strings.Join(t.view.unshownStations(), ", "); missing != t.unshown {
			if t.unshown = missing; missing != "" {
				t.line(m.At, "no screen shows %s now: their lines are shown here", missing)
			}
		}
		for _, o := range t.hidden { // what no other screen shows any more
			if o.Status.Open() && t.view.shows(o) {
				t.order(m.At, o, string(o.Status), "")
			}
		}
	case "order_status_changed":
		if o := t.hidden[m.OrderID]; o != nil {
			o.Status = m.Status
		}
		if !t.has(m.OrderID) {
			return
		}
		t.line(m.At, "%s %s%s%s", t.name(m.OrderID), text.Clean(string(m.Status)), by(m), stop(m.Status))
		if !m.Status.Open() {
			delete(t.shown, m.OrderID)
		}
	case "order_deleted":
		delete(t.hidden, m.OrderID)
		if !t.has(m.OrderID) {
			return
		}
		t.line(m.At, "%s deleted%s%s", t.name(m.OrderID), by(m), stop(cancelled))
		delete(t.shown, m.OrderID)
	case "heartbeat":
		if m.Live != t.live {
			t.live = m.Live
			t.line(m.At, "%s", liveWord(m.Live))
		}
	case "error":
		t.line(m.At, "error %s: %s", text.Clean(m.Code), text.Clean(m.Message))
	}
}

// setZone prints times in a zone from now on, and returns a note where the zone changed.
func (t *transcript) setZone(zone *time.Location) string {
	if t.zone != nil && t.zone.String() == zone.String() {
		return ""
	}
	t.zone = zone
	if zone == time.Local {
		return " (times of this machine)"
	}
	return fmt.Sprintf(" (times of %s)", text.Clean(zone.String()))
}

// by says who made a change, where that is known.
func by(m Message) string {
	if m.By == "" {
		return ""
	}
	return " (by " + text.Clean(m.By) + ")"
}

// stop is a warning for a cook who may be working on a cancelled order.
func stop(status order.Status) string {
	if status == cancelled {
		return ": STOP COOKING"
	}
	return ""
}

func liveWord(live bool) string {
	if live {
		return "LIVE"
	}
	return "NOT LIVE: the node does not hear from the database, new orders may be missing"
}

func (t *transcript) Lost(wait time.Duration, reason string) {
	t.line(time.Now(), "NOT CONNECTED: %s; again in %s", reason, wait.Round(100*time.Millisecond))
}

func (t *transcript) line(at time.Time, format string, args ...any) {
	clock := at.UTC().Format("15:04:05.000 UTC")
	if t.zone != nil {
		clock = at.In(t.zone).Format("15:04:05.000")
	}
	fmt.Fprintf(t.w, "%s  %s\n", clock, text.Harmless(fmt.Sprintf(format, args...)))
}

func (t *transcript) order(at time.Time, o *Ticket, word, by string) {
	if o == nil {
		return
	}
	before, was := t.shown[o.ID]
	switch {
	case t.view.shows(o):
		t.shown[o.ID] = o
		delete(t.hidden, o.ID)
	case was:
		word = "done here,"
		defer delete(t.shown, o.ID)
		t.hidden[o.ID] = o
	default:
		t.hidden[o.ID] = o
		return
	}
	said := o.describe(t.zone, &t.view)
	if was && t.view.shows(o) && before.describe(t.zone, &t.view) == said {
		if moved := t.view.lineChanges(before, o); moved != "" {
			said = moved
		}
	}
	t.line(at, "%s %s %s%s", t.name(o.ID), word, said, by)
}

// takeStations takes the stations of the restaurant, and sends the node those that are shown.
func (t *transcript) takeStations(m Message) {
	if unknown := t.view.setStations(m.Restaurant.Stations); len(unknown) > 0 {
		t.line(m.At, "%s", noStation(unknown, m.Restaurant.Stations))
	}
	if t.view.shown != nil {
		_ = t.send(showRequest{"show", showID, t.view.shown}) // a lost connection is reported by the viewer, which connects again
	}
}

// has reports whether events of an order are printed: it was printed before, or the transcript shows everything.
func (t *transcript) has(id order.OrderID) bool {
	_, has := t.shown[id]
	return has || t.view.shown == nil
}

func (t *transcript) name(id order.OrderID) string {
	if o, ok := t.shown[id]; ok {
		return fmt.Sprintf("#%d", o.Number)
	}
	return "order " + text.Clean(string(id))
}
