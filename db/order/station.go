package order

import (
	"encoding/json"
	"strconv"
)

// Stations are the stations of a restaurant as displays get them, a JSON array of objects with id, name and kind: a string, so that
// restaurants can be compared. Empty where there are none.
type Stations string

// MarshalJSON is the array itself.
func (s Stations) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte("[]"), nil
	}
	return []byte(s), nil
}

// UnmarshalJSON takes the array as it is.
func (s *Stations) UnmarshalJSON(raw []byte) error {
	*s = Stations(raw)
	return nil
}

// Station is where lines are cooked, or, of the kind expo, where whole orders are passed on.
type Station struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// All are the stations one by one.
func (s Stations) All() (all []Station) {
	if s != "" {
		_ = json.Unmarshal([]byte(s), &all) // the database made it
	}
	return all
}

// LineState is the state of a line at one of its stations.
type LineState struct {
	Station *string `json:"id"` // nil for a line that no route gives to a station
	Status  Status  `json:"status"`
	Changed bool    `json:"changed,omitempty"` // it was ready, and more or something else is ordered since
	Reason  string  `json:"reason,omitempty"`  // why it is to be made again
}

func (a *LineState) appendJSON(b []byte) []byte {
	b = append(b, `{"id":`...)
	if a.Station == nil {
		b = append(b, "null"...)
	} else {
		b = appendText(b, *a.Station)
	}
	b = appendText(append(b, `,"status":`...), string(a.Status))
	if a.Changed {
		b = strconv.AppendBool(append(b, `,"changed":`...), true)
	}
	if a.Reason != "" {
		b = appendText(append(b, `,"reason":`...), a.Reason)
	}
	return append(b, '}')
}

// StatusIsStale reports whether the order's status is not the one that follows from its lines by the rules of kitchen.set_derived_status. Two
// transactions that did not see each other leave such an order. readyWhen is the restaurant's setting.
func (o *Order) StatusIsStale(readyWhen string) bool {
	cooked, waiting, begun := 0, 0, false
	for _, i := range o.Items {
		if i.Held {
			continue
		}
		for _, at := range i.Stations {
			cooked++
			if at.Status != Ready {
				waiting++
			}
			begun = begun || at.Status != Pending
		}
	}
	switch o.Status {
	case Ready:
		return waiting > 0
	case Pending, Preparing:
		return o.Status == Pending && begun || cooked > 0 && waiting == 0 && readyWhen == "stations"
	}
	return false
}
