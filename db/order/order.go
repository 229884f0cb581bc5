package order

import (
	"cmp"
	"slices"
	"time"
)

// Restaurant is what a display needs to know of its restaurant. Its durations are whole seconds.
type Restaurant struct {
	ID           RestaurantID `json:"-"`
	Name         string       `json:"name"`
	Timezone     string       `json:"timezone"`
	WarnAfter    int64        `json:"warn_after_s"`
	LateAfter    int64        `json:"late_after_s"`
	RecallWindow int64        `json:"recall_window_s"`
	StartBefore  int64        `json:"start_before_s"` // how long before its promised time work at an order begins
	Stations     Stations     `json:"stations"`
	ReadyWhen    string       `json:"ready_when"` // stations, or expo: somebody at the pass says so
	Pickup       Pickup       `json:"-"`
}

// Pickup is what a restaurant's pick-up screens show.
type Pickup struct {
	Types    string // of orders: a JSON array of strings, so that restaurants can be compared
	Names    bool   // also the first word of the customer's name
	ReadyFor int64  // seconds after which a ready order goes by itself
}

// SameForBoards reports whether boards see the same of two restaurants: what is only for pick-up screens does not count.
func (r Restaurant) SameForBoards(other Restaurant) bool {
	other.Pickup = r.Pickup
	return r == other
}

// Order is an order as a kitchen sees it, lines and modifiers included: the read model of this program. Its JSON form is
// the document that displays receive. Times are in UTC.
type Order struct {
	ID           OrderID      `json:"id"`
	RestaurantID RestaurantID `json:"restaurant_id"`
	Number       int64        `json:"order_number"`
	Type         string       `json:"order_type"`
	Status       Status       `json:"status"`
	Priority     int64        `json:"priority"`
	Table        *Table       `json:"table"`
	CreatedBy    *CreatedBy   `json:"created_by"`
	CustomerName string       `json:"customer_name"`
	Notes        string       `json:"notes"`
	AllergyNote  string       `json:"allergy_note"`
	PromisedAt   *time.Time   `json:"promised_at"`
	Recalled     bool         `json:"recalled"` // it had left the queue and came back
	Version      int64        `json:"version"`
	CreatedAt    time.Time    `json:"created_at"`
	UpdatedAt    time.Time    `json:"updated_at"`
	Items        []Item       `json:"items"`

	// Stamp is a hash of the rows behind this order, as the database computes it: it differs when any of them was written,
	// triggers or not.
	Stamp int64 `json:"-"`
}

// Table is where a dine-in order sits.
type Table struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// CreatedBy is the user who took an order.
type CreatedBy struct {
	ID   UserID `json:"id"`
	Name string `json:"name"`
}

// Item is one line of an order.
type Item struct {
	ID        string      `json:"id"`
	MenuItem  Ref         `json:"menu_item"`
	Quantity  Quantity    `json:"quantity"`
	Notes     string      `json:"notes"`
	Modifiers []Modifier  `json:"modifiers"`
	Course    *int32      `json:"course"`
	Held      bool        `json:"held"`     // not to be cooked yet
	Stations  []LineState `json:"stations"` // empty where nothing is cooked, and in a restaurant without stations

	Position int64 `json:"-"` // among the lines
}

// Modifier is a change to a line: no onion, extra cheese.
type Modifier struct {
	ID       string   `json:"id"`
	Option   Ref      `json:"modifier_option"`
	Quantity Quantity `json:"quantity"`
	Kind     *string  `json:"kind"` // add, remove, allergy or note; nil where nobody says

	Position int64 `json:"-"` // among the modifiers of a line
}

// Ref names what a line or modifier was made from. ID is nil for one that is not on the menu; Name is the line's own
// copy, so that a later edit of the menu does not rewrite a ticket.
type Ref struct {
	ID   *string `json:"id"`
	Name string  `json:"name"`
}

// OldestFirst compares two orders as a queue has them.
func OldestFirst(a, b *Order) int {
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
}

// SameContent reports whether a kitchen sees the same in a and in the later b, version, status and times of change aside.
// Two orders of the same content and different status make an order_status_changed. That b was recalled counts only while
// it is open: leaving the queue for the second time is no other change than for the first.
func (a *Order) SameContent(b *Order) bool {
	return a.ID == b.ID && a.RestaurantID == b.RestaurantID && a.Number == b.Number && a.Type == b.Type &&
		a.Priority == b.Priority && samePtr(a.Table, b.Table) && samePtr(a.CreatedBy, b.CreatedBy) &&
		a.CustomerName == b.CustomerName && a.Notes == b.Notes && a.AllergyNote == b.AllergyNote &&
		sameTime(a.PromisedAt, b.PromisedAt) && (a.Recalled == b.Recalled || !b.Status.Open()) && a.CreatedAt.Equal(b.CreatedAt) &&
		slices.EqualFunc(a.Items, b.Items, sameItem)
}

func sameItem(a, b Item) bool {
	return a.ID == b.ID && sameRef(a.MenuItem, b.MenuItem) && a.Quantity == b.Quantity && a.Notes == b.Notes &&
		samePtr(a.Course, b.Course) && a.Held == b.Held &&
		slices.EqualFunc(a.Stations, b.Stations, func(a, b LineState) bool {
			return samePtr(a.Station, b.Station) && a.Status == b.Status && a.Changed == b.Changed && a.Reason == b.Reason
		}) &&
		slices.EqualFunc(a.Modifiers, b.Modifiers, func(a, b Modifier) bool {
			return a.ID == b.ID && sameRef(a.Option, b.Option) && a.Quantity == b.Quantity && samePtr(a.Kind, b.Kind)
		})
}

func sameRef(a, b Ref) bool { return a.Name == b.Name && samePtr(a.ID, b.ID) }

func samePtr[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
