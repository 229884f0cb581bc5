package order

import "time"

// AlarmKind says whether an alarm begins or has ended.
type AlarmKind string

// The kinds of alarms.
const (
	AlarmBegins AlarmKind = "alarm"
	AlarmOver   AlarmKind = "alarm_over"
)

// Alarm says that nobody has seen orders of a restaurant, for one reason: the document that is announced, posted and sent to displays.
type Alarm struct {
	Type         AlarmKind    `json:"type"`
	Restaurant   RestaurantID `json:"restaurant_id"`
	Reason       string       `json:"reason"` // no_display, not_painted or not_touched
	Orders       int          `json:"orders"`
	OldestOrder  OrderID      `json:"oldest_order_id"`
	OldestNumber *int64       `json:"oldest_order_number"`
	Age          int64        `json:"age_s"` // of the oldest order, in seconds
}

// AlarmPost is an alarm that waits to be posted to a web hook.
type AlarmPost struct {
	ID     int64
	Body   []byte        // the alarm as JSON, as it was announced
	Waited time.Duration // since it was announced
	Alarm
}

// AlarmReasons are the reasons of alarms.
func AlarmReasons() []string { return []string{"no_display", "not_painted", "not_touched"} }
