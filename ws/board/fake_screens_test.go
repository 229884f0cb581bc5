package board_test

import "slices"

// station is a station as displays receive it.
type station struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// at is the status of a line at one of its stations; no id: it has no station.
type at struct {
	ID      *string `json:"id"`
	Status  string  `json:"status"`
	Changed bool    `json:"changed,omitempty"`
	Reason  string  `json:"reason,omitempty"`
}

// grillStation, barStation and passStation are the stations of a kitchen that has several.
var (
	grillStation = station{ID: "00000000-0000-4000-9000-000000000001", Name: "Grill", Kind: "prep"}
	barStation   = station{ID: "00000000-0000-4000-9000-000000000002", Name: "Bar", Kind: "prep"}
	passStation  = station{ID: "00000000-0000-4000-9000-000000000003", Name: "Pass", Kind: "expo"}
)

// withStations gives the kitchen stations, before anybody joins.
func (k *kitchen) withStations(stations ...station) *kitchen {
	k.setStations(stations...)
	return k
}

// setStations changes the stations, and sends the queue anew, as a node does.
func (k *kitchen) setStations(stations ...station) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stations = stations
	k.send(k.snapshot())
	k.countScreens()
}

// cookedAt has a line cooked at stations; at none: it has no station.
func (i item) cookedAt(stations ...station) item {
	i.Stations = []at{}
	for _, s := range stations {
		i.Stations = append(i.Stations, at{ID: &s.ID, Status: "pending"})
	}
	if len(stations) == 0 {
		i.Stations = append(i.Stations, at{Status: "pending"})
	}
	return i
}

// showing takes what a display says that it shows.
func (k *kitchen) showing(d *display, m map[string]any) {
	d.shows = nil
	ids, _ := m["stations"].([]any)
	for _, id := range ids {
		if text, ok := id.(string); ok {
			d.shows = append(d.shows, text)
		}
	}
	k.countScreens()
}

// countScreens sends every display how many there are, in kitchens with stations.
func (k *kitchen) countScreens() {
	if len(k.stations) == 0 {
		return
	}
	all, of := 0, map[string]int{}
	for d := range k.displays {
		if d.shows == nil {
			all++
		}
		for _, id := range d.shows {
			of[id]++
		}
	}
	all += k.elsewhere[""]
	counts := []map[string]any{}
	for _, s := range k.stations {
		counts = append(counts, map[string]any{"id": s.ID, "screens": of[s.ID] + k.elsewhere[s.ID]})
	}
	k.send(map[string]any{"type": "screens", "stations": counts, "all": all})
}

// screensElsewhere has other screens show these stations, once for each time that one is named; the zero station is everything.
func (k *kitchen) screensElsewhere(stations ...station) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.elsewhere = map[string]int{}
	for _, s := range stations {
		k.elsewhere[s.ID]++
	}
	k.countScreens()
}

// shown returns what the displays show, each in the stations' order, nil for everything.
func (k *kitchen) shown() (all [][]string) {
	for d := range k.displays {
		names := []string(nil)
		for _, s := range k.stations {
			if slices.Contains(d.shows, s.ID) {
				names = append(names, s.Name)
			}
		}
		all = append(all, names)
	}
	return all
}
