package terminal

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"kitchen/db/order"
)

// statusRequest asks for a new status of an order.
type statusRequest struct {
	Type      string        `json:"type"`
	RequestID string        `json:"request_id"`
	OrderID   order.OrderID `json:"order_id"`
	Status    order.Status  `json:"status"`
	Version   int64         `json:"version"` // as it is on the screen; if the order has another by now, the node refuses
}

// listRequest asks for the orders that left the queue.
type listRequest struct {
	Type      string `json:"type"`
	RequestID string `json:"request_id"`
}

// linesRequest moves lines of an order at a station.
type linesRequest struct {
	Type      string        `json:"type"`
	RequestID string        `json:"request_id"`
	OrderID   order.OrderID `json:"order_id"`
	Station   *string       `json:"station"`
	Lines     []string      `json:"lines"`
	From      order.Status  `json:"from"` // as it is on the screen
	Status    order.Status  `json:"status"`
}

// fireRequest has the held lines of a course cooked.
type fireRequest struct {
	Type      string        `json:"type"`
	RequestID string        `json:"request_id"`
	OrderID   order.OrderID `json:"order_id"`
	Course    int32         `json:"course"`
}

// showRequest says what a display shows.
type showRequest struct {
	Type      string   `json:"type"`
	RequestID string   `json:"request_id"`
	Stations  []string `json:"stations"` // null: everything
}

// showID is the request_id of every showRequest, by which its error is known.
const showID = "show"

// listID is the request_id of every listRequest, by which its error is known.
const listID = "list"

// request asks the node for a status. It does not where the screen is not live, or an answer for this order is still due.
func (s *screen) request(id order.OrderID, number int64, from, to order.Status, version int64, undo bool) tea.Cmd {
	if !s.mayAsk(id, number) {
		return nil
	}
	request := s.wait(pendingRequest{order: id, number: number, from: from, to: to, undo: undo})
	return s.ask(request, statusRequest{"update_status", request, id, to, version})
}

// mayAsk reports whether the node can be asked to change an order now, and says why not.
func (s *screen) mayAsk(id order.OrderID, number int64) bool {
	if !s.isLive() {
		s.notify(true, "not live: nothing was sent")
		return false
	}
	for _, w := range s.pending {
		if w.order == id {
			s.notify(false, "#%d: waiting for the answer", number)
			return false
		}
	}
	return true
}

// wait notes a request, and returns its id.
func (s *screen) wait(w pendingRequest) string {
	s.last++
	id := strconv.Itoa(s.last)
	w.at = s.now()
	s.pending[id] = w
	return id
}

// ask sends a request. bubbletea runs the command that it returns on a goroutine of its own.
func (s *screen) ask(id string, m any) tea.Cmd {
	send := s.send
	return func() tea.Msg {
		if err := send(m); err != nil {
			return unsentMsg{id}
		}
		return nil
	}
}
