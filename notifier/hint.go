package notifier

import (
	"encoding/json"
	"runtime"
	"strings"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/notifier/listen"
)

// Notified marks what a notification names as dirty. Nothing else in it is trusted; the writer's name is only shown.
func (k *kitchen) Notified(payload string) {
	k.notifier.cfg.Meter.Notified()
	if payload == db.ScreensChanged {
		k.notifier.presence.changed(k.id)
		return
	}
	if id, ok := orderOf(payload); ok {
		k.reader.markOrder(k, order.OrderID(k.reader.db.Keys().Order.Spelling(string(id))), originOf(payload))
		runtime.Gosched() // lets the worker that was woken run first
		return
	}
	k.reader.markHinted(k)
}

// Listening marks the queue as dirty: it is read after LISTEN, so that no change is missed.
func (k *kitchen) Listening(since *listen.Generation) { k.reader.markListening(k, since) }

// Deaf sends displays that they are not live.
func (k *kitchen) Deaf() { k.checkLive() }

// orderOf finds the order that a payload names. Payloads of our triggers are recognised by their form, because reading
// them as JSON takes the goroutine that listens twenty times as long (33 µs instead of 1.6 on a busy machine). Those of others are read
// as JSON.
func orderOf(payload string) (order.OrderID, bool) {
	if _, rest, ok := strings.Cut(payload, `","order_id":"`); ok && strings.HasPrefix(payload, `{"type":"`) {
		if text, _, ended := strings.Cut(rest, `"`); ended {
			if id, ok := order.Key(text); ok {
				return order.OrderID(id), true
			}
		}
	}
	var hint struct {
		OrderID string `json:"order_id"`
	}
	if err := json.Unmarshal([]byte(payload), &hint); err != nil {
		return "", false
	}
	id, ok := order.Key(hint.OrderID)
	return order.OrderID(id), ok
}
