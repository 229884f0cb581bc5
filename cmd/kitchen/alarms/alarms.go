// Package alarms prints the alarms about orders that nobody has seen.
package alarms

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"kitchen/cmd/kitchen/text"
	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier/alarm"
)

// Printer prints each alarm on a line, in words or as JSON.
type Printer struct {
	Out  io.Writer
	JSON bool
}

// Follow prints each alarm that is on, and from then on each that begins or ends, until ctx ends. directURL is the server's own
// address, not a pooler's.
func Follow(ctx context.Context, pool *db.DB, directURL string, log *slog.Logger, p Printer) error {
	return alarm.Follow(ctx, pool, directURL, log, func(a order.Alarm) {
		if p.JSON {
			doc, _ := json.Marshal(a) // its types cannot fail
			fmt.Fprintln(p.Out, string(doc))
			return
		}
		// Where the name cannot be read, the id alone is printed.
		names, _ := pool.RestaurantNames(ctx, []order.RestaurantID{a.Restaurant})
		fmt.Fprintln(p.Out, inWords(a, names[a.Restaurant], time.Now()))
	})
}

// inWords is an alarm in one line.
func inWords(a order.Alarm, restaurant string, now time.Time) string {
	what := map[string]string{
		"no_display":  "no display is connected",
		"not_painted": "no display has shown the order",
		"not_touched": "nobody has touched the order",
	}[a.Reason]
	if what == "" {
		what = a.Reason
	}
	number := "an order without a number"
	if a.OldestNumber != nil {
		number = fmt.Sprintf("#%d", *a.OldestNumber)
	}
	said := fmt.Sprintf("ALARM: %s: %s, for %s", what, number, time.Duration(a.Age)*time.Second)
	if a.Type == order.AlarmOver {
		said = fmt.Sprintf("over: %s: it began with %s", what, number)
	} else if a.Orders > 1 {
		said += fmt.Sprintf("; %s in all", text.Count(a.Orders, "order"))
	}
	return fmt.Sprintf("%s %s: %s", now.Format("15:04:05"), text.Named(restaurant, string(a.Restaurant)), text.Clean(said))
}
