package board_test

import (
	"fmt"
	"sync"
	"time"
)

type ref struct {
	ID   *string `json:"id"`
	Name string  `json:"name"`
}

type modifier struct {
	ID       string  `json:"id"`
	Option   ref     `json:"modifier_option"`
	Quantity float64 `json:"quantity"`
	Kind     *string `json:"kind"`
}

type item struct {
	ID        string     `json:"id"`
	MenuItem  ref        `json:"menu_item"`
	Quantity  float64    `json:"quantity"`
	Notes     string     `json:"notes"`
	Modifiers []modifier `json:"modifiers"`
	Course    *int       `json:"course"`
	Held      bool       `json:"held"`
	Stations  []at       `json:"stations"`
}

type named struct {
	ID    string `json:"id"`
	Label string `json:"label,omitempty"`
	Name  string `json:"name,omitempty"`
}

// order is an order as displays receive it.
type order struct {
	ID           string     `json:"id"`
	RestaurantID string     `json:"restaurant_id"`
	Number       int        `json:"order_number"`
	Type         string     `json:"order_type"`
	Status       string     `json:"status"`
	Priority     int        `json:"priority"`
	Table        *named     `json:"table"`
	CreatedBy    *named     `json:"created_by"`
	CustomerName string     `json:"customer_name"`
	Notes        string     `json:"notes"`
	AllergyNote  string     `json:"allergy_note"`
	PromisedAt   *time.Time `json:"promised_at"`
	Recalled     bool       `json:"recalled"`
	Version      int        `json:"version"`
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
	Items        []item     `json:"items"`
}

func (o order) open() bool {
	return o.Status == "pending" || o.Status == "preparing" || o.Status == "ready"
}

// line makes a line of a ticket; each modifier is one portion of it.
func line(quantity float64, name string, modifiers ...string) item {
	it := item{ID: newID(), MenuItem: ref{Name: name}, Quantity: quantity, Modifiers: []modifier{}, Stations: []at{}}
	for _, m := range modifiers {
		it.Modifiers = append(it.Modifiers, modifier{ID: newID(), Option: ref{Name: m}, Quantity: 1})
	}
	return it
}

// kind makes a modifier whose data has a kind.
func kind(kind, name string) modifier {
	return modifier{ID: newID(), Option: ref{Name: name}, Quantity: 1, Kind: &kind}
}

var newID = func() func() string { // ids in the order of their making
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	}
}()
