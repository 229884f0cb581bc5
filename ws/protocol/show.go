package protocol

import (
	"encoding/json"
	"slices"

	"kitchen/db/order"
)

// maxStations is how many stations one display may show.
const maxStations = 100

// parseShow reads what only a show has.
func (r *Request) parseShow(fields map[string]json.RawMessage) *Problem {
	raw := given(fields, "stations")
	if raw == nil {
		return nil
	}
	if json.Unmarshal(raw, &r.Stations) != nil || len(r.Stations) > maxStations {
		return &Problem{Code: InvalidMessage, Message: "stations has to be a list of at most 100 ids, or be left out for everything"}
	}
	for i, id := range r.Stations {
		canonical, err := order.UUID.Parse(id)
		if err != nil {
			return &Problem{Code: InvalidMessage, Message: "stations has to hold ids of stations"}
		}
		r.Stations[i] = canonical
	}
	slices.Sort(r.Stations)
	r.Stations = slices.Compact(r.Stations)
	return nil
}
