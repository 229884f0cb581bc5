package terminal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kitchen/db/order"
)

// kitchenOf is a restaurant with some stations, of which the last is a pass.
func kitchenOf(n int) []order.Station {
	all := []order.Station{{ID: "g", Name: "Grill", Kind: "prep"}, {ID: "b", Name: "Bar", Kind: "prep"}, {ID: "f", Name: "Fryer", Kind: "prep"},
		{ID: "p", Name: "Pass", Kind: "expo"}, {ID: "q", Name: "Second pass", Kind: "expo"}}
	return all[:n]
}

// No live line is ever on no screen, whatever stations, routes and displays there are: of all displays that are connected, at least one
// shows each line that is still to be cooked, and works at the station where it is cooked.
func TestNoLiveLineIsOnNoScreen(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	statuses := []order.Status{order.Pending, order.Preparing, order.Ready}
	for range 20_000 {
		stations := kitchenOf(r.IntN(6))
		displays := make([]*view, 1+r.IntN(4))
		counts := Message{Type: "screens"}
		shown := map[string]int{}
		for i := range displays {
			displays[i] = &view{}
			for _, s := range stations {
				if r.IntN(4) == 0 {
					displays[i].asked = append(displays[i].asked, []string{s.ID, strings.ToUpper(s.Name)}[r.IntN(2)])
				}
			}
			if r.IntN(3) == 0 {
				displays[i].asked = append(displays[i].asked, "a station that was deleted")
			}
			displays[i].setStations(stations)
			if displays[i].shown == nil {
				counts.All++
			}
			for _, id := range displays[i].shown {
				shown[id]++
			}
		}
		for _, s := range stations {
			counts.Stations = append(counts.Stations, counted{s.ID, shown[s.ID]})
		}
		ticket := &Ticket{}
		for i := range 1 + r.IntN(4) {
			l := line{ID: fmt.Sprint(i)}
			for _, id := range []string{"g", "b", "f", "a station that was deleted", ""} {
				if r.IntN(3) == 0 {
					at := order.LineState{Status: statuses[r.IntN(3)]}
					if id != "" {
						at.Station = &id
					}
					l.Stations = append(l.Stations, at)
				}
			}
			ticket.Items = append(ticket.Items, l)
		}
		for _, d := range displays {
			d.setScreens(counts)
		}
		for i := range ticket.Items {
			for _, at := range ticket.Items[i].Stations {
				somewhere := slices.ContainsFunc(displays, func(d *view) bool {
					return d.shows(ticket) && d.own(&ticket.Items[i]) && slices.Contains(d.stationsHere(&ticket.Items[i]), at)
				})
				if at.Status != order.Ready && !somewhere {
					t.Fatalf("line %d is on no screen: %+v; stations %v, displays %+v", i, ticket.Items, stations, displays)
				}
			}
		}
	}
}

// at is a line that is cooked at some stations, "g:ready"; no name stands for no station.
func at(id, name string, stations ...string) line {
	l := line{ID: id, Quantity: "1", MenuItem: order.Ref{Name: name}}
	for _, s := range stations {
		station, status, _ := strings.Cut(s, ":")
		a := order.LineState{Status: order.Status(status)}
		if station != "" {
			a.Station = &station
		}
		l.Stations = append(l.Stations, a)
	}
	return l
}

// grillOf is a screen that shows the grill of a kitchen with grill, bar, fryer and pass.
func grillOf(t *testing.T, orders ...func(*Ticket)) *stage {
	s := newStage(t, 120, 30)
	s.view.asked = []string{"grill"}
	var tickets []Ticket
	for i, change := range orders {
		o := s.order(int64(i+1), 0)
		change(&o)
		tickets = append(tickets, o)
	}
	s.receive(Message{Type: "initial_queue", Live: true, ServerTime: s.clock, Restaurant: restaurantInfo{Name: "Da Gino", Stations: kitchenOf(4)}, Orders: tickets})
	s.clock = s.clock.Add(ignoreFor)
	s.receive(Message{Type: "screens", Stations: []counted{{"g", 1}, {"b", 1}, {"f", 1}, {"p", 1}}})
	return s
}

func TestScreenOfAStationShowsItsLinesAndWhereOthersStand(t *testing.T) {
	t.Parallel()
	s := grillOf(t,
		func(o *Ticket) {
			o.Items = []line{at("1", "Steak", "g:pending"), at("2", "Beer", "b:preparing"), at("3", "Water", ":pending")}
		},
		func(o *Ticket) { o.Items = []line{at("4", "Cider", "b:pending")} })
	if fmt.Sprint(s.sent) != "[{show show [g]}]" {
		t.Errorf("sent %v", s.sent)
	}
	for _, want := range []string{"Grill · Da Gino", "1x Steak, 1x Water, (Bar: 1 cooking)", "[ ] 1x Steak", "[ ] no station: 1x Water"} {
		if !strings.Contains(s.text(), want) {
			t.Errorf("%q is not on\n%s", want, s.text())
		}
	}
	if strings.Contains(s.text(), "Cider") || strings.Contains(s.text(), "#2") {
		t.Errorf("the bar's ticket is on\n%s", s.text())
	}

	// A station that lost its screen is everybody's, until it is back.
	s.receive(Message{Type: "screens", Stations: []counted{{"g", 1}, {"b", 0}, {"f", 1}, {"p", 1}}})
	for _, want := range []string{"no screen for Bar", "1x Cider"} {
		if !strings.Contains(s.text(), want) {
			t.Errorf("%q is not on\n%s", want, s.text())
		}
	}
	s.receive(Message{Type: "screens", Stations: []counted{{"g", 1}, {"b", 1}, {"f", 1}, {"p", 1}}})
	if strings.Contains(s.text(), "Cider") {
		t.Errorf("the bar's ticket is still on\n%s", s.text())
	}
}

func TestKeysMoveTheStationsLinesAlone(t *testing.T) {
	t.Parallel()
	s := grillOf(t, func(o *Ticket) {
		o.Items = []line{at("1", "Steak", "g:pending"), at("2", "Beer", "b:pending"), at("3", "Veal", "g:pending"), at("4", "Egg", "g:ready")}
		course := int32(2)
		o.Items[3].Held, o.Items[3].Course = true, &course
	})
	said := func(want string) {
		t.Helper()
		last := s.sent[len(s.sent)-1]
		got := fmt.Sprintf("%+v", last)
		if l, ok := last.(linesRequest); ok {
			got = fmt.Sprintf("%s %v %s>%s", *l.Station, l.Lines, l.From, l.Status)
			s.receive(Message{Type: "ack", RequestID: l.RequestID, OrderID: l.OrderID, Status: order.Preparing, Version: 2})
			o := s.tickets[l.OrderID].Ticket
			o.Items = slices.Clone(o.Items)
			for i := range o.Items {
				if slices.Contains(l.Lines, o.Items[i].ID) {
					o.Items[i].Stations = []order.LineState{{Station: l.Station, Status: l.Status}}
				}
			}
			s.receive(Message{Type: "order_updated", Order: &o})
		}
		if got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
	}
	s.press("enter")
	said("g [1 3] pending>preparing")
	s.press("i", "x")
	said("g [3] preparing>ready")
	s.press("u")
	said("g [3] ready>preparing")
	s.press("x", "u") // the answer to x is due
	said("g [3] preparing>ready")
	s.press("enter")
	said("g [1] preparing>ready")
	if n := len(s.queue()); n != 0 {
		t.Errorf("%d tickets of which nothing is to be done", n)
	}
	s.press("u")
	said("g [1] ready>preparing")
	s.clock = s.clock.Add(ignoreFor)
	n := len(s.sent)
	s.press("f")
	if len(s.sent) != n || !strings.Contains(s.text(), "fired at the pass") {
		t.Errorf("a station fires: %v\n%s", s.sent[n:], s.text())
	}
	s.press("b")
	said("g [3] ready>preparing")
}

func TestScreenOfEverythingMovesAllLinesThenTheOrder(t *testing.T) {
	t.Parallel()
	s := newStage(t, 120, 30)
	o := s.order(1, 0)
	course := int32(2)
	o.Items = []line{at("1", "Steak", "g:preparing"), at("2", "Beer", "b:pending"), at("3", "Cake", "f:pending")}
	o.Items[2].Held, o.Items[2].Course = true, &course
	s.receive(Message{Type: "initial_queue", Live: true, ServerTime: s.clock, Restaurant: restaurantInfo{Name: "Da Gino", Stations: kitchenOf(4)}, Orders: []Ticket{o}})
	s.clock = s.clock.Add(ignoreFor)
	s.press("enter")
	if len(s.sent) != 2 {
		t.Errorf("sent %+v", s.sent)
	}
	for _, m := range s.sent {
		l := m.(linesRequest)
		s.receive(Message{Type: "ack", RequestID: l.RequestID, OrderID: "o1", Status: order.Ready, Version: 2})
		if l.Status != order.Ready {
			t.Errorf("sent %+v", l)
		}
	}
	s.press("f")
	if f, ok := s.sent[2].(fireRequest); !ok || f.Course != 2 {
		t.Fatalf("sent %+v", s.sent)
	}
	s.receive(Message{Type: "error", Code: "not_allowed", Message: "not here", RequestID: s.sent[2].(fireRequest).RequestID})
	s.press("enter")
	if r, ok := s.sent[3].(statusRequest); !ok || r.Status != order.Completed {
		t.Errorf("sent %+v", s.sent[3:])
	}
}

func TestScreenSaysWhichStationThereIsNot(t *testing.T) {
	t.Parallel()
	s := newStage(t, 120, 30)
	s.view.asked = []string{"Sushi"}
	s.receive(Message{Type: "initial_queue", Live: true, ServerTime: s.clock, Restaurant: restaurantInfo{Name: "Da Gino", Stations: kitchenOf(2)}, Orders: []Ticket{s.order(1, 0)}})
	if !strings.Contains(s.text(), "there is no station Sushi: there are Grill, Bar") || !strings.Contains(s.text(), "Calzone") || len(s.sent) != 0 {
		t.Errorf("sent %v\n%s", s.sent, s.text())
	}
}
