package notifier

import (
	"encoding/json"

	"kitchen/db/order"
	"kitchen/notifier/listen"
)

// userHints takes the notifications of users who changed, which are hints like any other.
type userHints struct {
	changed func([]order.UserID)
	device  func(order.DeviceID) // or nil
	keys    func() order.Keys
}

// Listening reports that all users may have changed, because earlier changes were not received.
func (h *userHints) Listening(*listen.Generation) { h.changed(nil) }

// Notified passes on the user who changed, or that all may have changed if the payload names none.
func (h *userHints) Notified(payload string) {
	var hint struct {
		UserID   string `json:"user_id"`
		DeviceID string `json:"device_id"`
	}
	if json.Unmarshal([]byte(payload), &hint) == nil {
		if id, ok := order.Key(hint.UserID); ok {
			h.changed([]order.UserID{order.UserID(h.keys().User.Spelling(id))})
			return
		}
		if id, err := order.UUID.Parse(hint.DeviceID); err == nil && h.device != nil {
			h.device(order.DeviceID(id))
			return
		}
	}
	h.changed(nil)
}

// Deaf does nothing: users are looked up again when the channel is listened to again.
func (h *userHints) Deaf() {}
