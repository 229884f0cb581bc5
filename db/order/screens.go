package order

import "maps"

// Screens counts the displays that show everything, and those that show each station.
type Screens struct {
	All      int            // show everything
	Stations map[string]int // show a station, by its id; a display may show several
}

// Add counts n more displays, or fewer where n is negative, that show these stations; nil means everything.
func (s *Screens) Add(stations []string, n int) {
	if stations == nil {
		s.All += n
		return
	}
	if s.Stations == nil {
		s.Stations = make(map[string]int)
	}
	for _, id := range stations {
		if s.Stations[id] += n; s.Stations[id] == 0 {
			delete(s.Stations, id)
		}
	}
}

// Plus is the sum of both.
func (s Screens) Plus(other Screens) Screens {
	sum := Screens{All: s.All + other.All, Stations: make(map[string]int, len(s.Stations)+len(other.Stations))}
	for _, part := range []Screens{s, other} {
		for id, n := range part.Stations {
			sum.Stations[id] += n
		}
	}
	return sum
}

// Clone is a copy that shares nothing.
func (s Screens) Clone() Screens { return Screens{s.All, maps.Clone(s.Stations)} }

// Equal reports whether both say the same.
func (s Screens) Equal(other Screens) bool {
	return s.All == other.All && maps.Equal(s.Stations, other.Stations)
}
