// Package trace explains how one order went from its writer to the displays. It owns the JSON with which a node answers, and the verdict
// in words. What a node remembers of orders belongs to notifier and ws.
package trace

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
	"kitchen/db/order"
)

// Trail is what a node knows of how one order went from its writer to the displays.
type Trail struct {
	Order    order.OrderID `json:"order_id"`
	Node     string        `json:"node"`
	AskedAt  time.Time     `json:"asked_at"`
	Database *InDatabase   `json:"database"` // null where there is no such order, or the database is away
	Trouble  string        `json:"trouble,omitempty"`
	Watched  bool          `json:"watched"` // displays of the restaurant are connected to this node, or were a short time ago
	Live     bool          `json:"live"`
	Omitted  int           `json:"omitted,omitempty"` // where a full queue omits the order: how many orders it omits
	Changes  []Change      `json:"changes"`           // the oldest first, as far as the node remembers
	Seen     []Sighting    `json:"seen"`              // on all nodes, the earliest first; null where that could not be read
	Verdict  string        `json:"verdict"`
	Arrived  bool          `json:"arrived"` // the newest version was sent to displays of this node
}

// InDatabase is the order as the database has it now.
type InDatabase struct {
	Restaurant order.RestaurantID `json:"restaurant_id"`
	Number     int64              `json:"order_number"`
	Status     order.Status       `json:"status"`
	Version    int64              `json:"version"`
	ChangedAt  time.Time          `json:"changed_at"` // by the database's clock
}

// Change is one event, with the time of each step on its way, by this node's clock.
type Change struct {
	Event    string        `json:"event"`
	Status   order.Status  `json:"status,omitempty"`
	Version  int64         `json:"version,omitempty"`
	By       string        `json:"by,omitempty"` // the writer's application_name, where it is known
	Changed  *time.Time    `json:"changed_at"`   // the start of the writer's transaction
	Notified *time.Time    `json:"notified_at"`  // null where no notification came
	Hydrated time.Time     `json:"hydrated_at"`
	Sent     time.Time     `json:"sent_at"`
	Reached  int           `json:"reached"`  // displays that it was sent to
	Displays []SentDisplay `json:"displays"` // the first of them
	Behind   int           `json:"behind"`   // displays that were too slow, and get a whole queue instead
}

// Sighting is when a version of the order was first painted or touched, and on which display of which node.
type Sighting struct {
	How     order.How `json:"how"`
	Version int64     `json:"version"`
	At      time.Time `json:"at"` // by the database's clock
	Node    string    `json:"node"`
	Display uint64    `json:"display"` // its number on that node
}

// SentDisplay is a display that a change was sent to, and how it stands now.
type SentDisplay struct {
	Number    uint64 `json:"number"` // as in the node's log
	Connected bool   `json:"connected"`
	Unread    bool   `json:"unread"` // messages still wait to be written to it
}

// Judge says in one sentence whether the kitchen got the order, as far as this node is concerned.
func (t *Trail) Judge() (verdict string, arrived bool) {
	var last *Change
	if len(t.Changes) > 0 {
		last = &t.Changes[len(t.Changes)-1]
	}
	switch {
	case t.Trouble != "":
		return "whether the order exists is not known: " + t.Trouble, false
	case t.Database == nil && last != nil && last.Event == "order_deleted":
		return fmt.Sprintf("the order was deleted, and that was sent to %s", text.Count(last.Reached, "display")), true
	case t.Database == nil && last.left():
		return fmt.Sprintf("the order was %s, which was sent to %s, and deleted later, which is not sent to displays", last.Status, text.Count(last.Reached, "display")), true
	case t.Database == nil && last != nil:
		return "the order is gone from the database, and that has not been sent yet", false
	case t.Database == nil:
		return "the database has no such order: its transaction was rolled back or has not committed, or it went to another database: ask that one's node, by --metrics-url", false
	case !t.Watched:
		return "no display of its restaurant is connected to this node: ask the others", false
	case t.Database.Status.Open() && t.Omitted > 0:
		return fmt.Sprintf("it is not on the displays: of the restaurant's open orders they show the %d newest, and it is one of %d older ones: "+
			"complete orders that are open by mistake (select id, created_at from kitchen.orders where open and restaurant_id = '%s' order by created_at)",
			db.MaxQueue, t.Omitted, t.Database.Restaurant), false
	case last == nil:
		return "nothing of it was sent as an event: it was in the queue when the displays joined, never was open, or changed too long ago to be remembered", true
	case last.Version < t.Database.Version && last.left() && !t.Database.Status.Open():
		return fmt.Sprintf("the order was %s, which was sent to %s; what was changed later is not sent to displays", last.Status, text.Count(last.Reached, "display")), true
	case last.Version < t.Database.Version && !t.Live:
		return fmt.Sprintf("version %d was not sent: the feed is not live, and displays say so; look with kitchen doctor", t.Database.Version), false
	case last.Version < t.Database.Version:
		return fmt.Sprintf("version %d was not sent yet, version %d was", t.Database.Version, last.Version), false
	case last.Reached == 0 && last.Behind == 0:
		return "it changed while no display was connected; a display that joins gets it in the queue", true
	case last.Reached == 0:
		return fmt.Sprintf("%s behind: they get a fresh queue with it when they have read what waits", text.Count(last.Behind, "display")+" of the restaurant fell"), false
	}
	return fmt.Sprintf("the newest version was sent to %s", text.Count(last.Reached, "display")), true
}

// left reports whether the change took its order out of the queue.
func (c *Change) left() bool { return c != nil && c.Status != "" && !c.Status.Open() }

// NotAnID begins a node's answer to an id that no order of its database can have.
const NotAnID = "no order's id: "

// NotAnIDError says that a text can be no order's id, and how to find one.
func NotAnIDError(order string) error {
	number := "…"
	if n, err := strconv.ParseUint(order, 10, 63); err == nil {
		number = strconv.FormatUint(n, 10)
	}
	return fmt.Errorf("%.40q can be no order's id: find it by the number on the ticket, with "+
		"`select id from kitchen.orders where order_number = %s order by created_at desc limit 1`", order, number)
}

// Ask asks a node for the trail of an order, at the address of its metrics.
func Ask(ctx context.Context, base, order string) (*Trail, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	address := base + "/trace/" + url.PathEscape(order)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", base, err)
	}
	transport := &http.Transport{Proxy: nil, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w: is a node there? --metrics-url is its --metrics-listen, not the displays' address", base, err)
	}
	defer response.Body.Close()
	var t Trail
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil && response.StatusCode == http.StatusOK {
		err = json.Unmarshal(body, &t)
	}
	if err == nil && response.StatusCode == http.StatusNotFound && strings.HasPrefix(string(body), NotAnID) {
		return nil, NotAnIDError(order)
	}
	if err != nil || response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask %s: it answers %s, and not like a node", base, response.Status)
	}
	return &t, nil
}

// Print writes one line for the order, one where changes may be forgotten, one for each change, and the verdict.
func (t *Trail) Print(w io.Writer) {
	line := func(format string, args ...any) { fmt.Fprintln(w, text.Harmless(fmt.Sprintf(format, args...))) }
	if d := t.Database; d != nil {
		watched := map[bool]string{true: "watched on node", false: "not watched on node"}[t.Watched]
		line("#%d of restaurant %s: %s, version %d, changed %s; %s %s", d.Number, d.Restaurant, d.Status, d.Version,
			d.ChangedAt.Local().Format("15:04:05.000"), watched, t.Node)
	}
	if len(t.Changes) > 0 && t.Changes[0].Event != "order_created" {
		line("older changes, if there were any, are not remembered: a node keeps the newest of a restaurant, from the time when its first display joined")
	}
	for _, c := range t.Changes {
		began, what := c.Hydrated, "read"
		if c.Notified != nil {
			began, what = *c.Notified, "notified"
		}
		if c.Changed != nil {
			began, what = *c.Changed, "changed"
		}
		after := func(at time.Time) string { return "+" + max(at.Sub(began), 0).Round(10*time.Microsecond).String() }
		notified := "no notification came"
		if c.Notified != nil {
			notified = "notified " + after(*c.Notified)
		}
		version := ""
		if c.Version != 0 {
			version = fmt.Sprintf(" %s, version %d", c.Status, c.Version)
		}
		if c.By != "" {
			version += " by " + c.By
		}
		line("%s%s: %s %s, %s, read %s, sent %s to %s", c.Event, version, what, began.Local().Format("15:04:05.000"),
			notified, after(c.Hydrated), after(c.Sent), c.receivers())
	}
	for _, s := range t.Seen {
		line("%s, version %d: %s on display no. %d of node %s", s.How, s.Version, s.At.Local().Format("15:04:05.000"), s.Display, s.Node)
	}
	if t.Database != nil && t.Database.Status == order.Pending && t.Seen != nil && len(t.Seen) == 0 && len(t.Changes) > 0 {
		line("no display has said that it has painted it")
	}
	line("%s", t.Verdict)
}

// receivers names displays by number, and says which are gone and which have not read everything.
func (c *Change) receivers() string {
	var names []string
	for _, d := range c.Displays {
		name := fmt.Sprint(d.Number)
		switch {
		case !d.Connected:
			name += " (gone since)"
		case d.Unread:
			name += " (reading)"
		}
		names = append(names, name)
	}
	said := text.Count(c.Reached, "display")
	if len(names) > 0 {
		word := map[bool]string{true: "display", false: "displays"}[c.Reached == 1]
		said = word + " no. " + strings.Join(names, ", ")
		if more := c.Reached - len(names); more > 0 {
			said += fmt.Sprintf(" and %d more", more)
		}
	}
	if c.Behind > 0 {
		said += fmt.Sprintf("; %s behind, for a fresh queue", text.Count(c.Behind, "display"))
	}
	return said
}
