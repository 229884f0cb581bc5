package terminal

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"kitchen/db/order"
)

// Any size, many orders, long and wide texts: everything fits, and the selected order is on the screen.
func TestScreenFitsAnyTerminal(t *testing.T) {
	for _, width := range []int{1, 20, 40, 64, 80, 99, 200} {
		for _, height := range []int{1, 4, 8, 24, 60} {
			s := newStage(t, width, height)
			var orders []Ticket
			for n := range int64(40) {
				o := s.order(n+1, time.Duration(n)*time.Hour)
				o.Notes, o.CustomerName = strings.Repeat("extra 🌶️ 辛い ", 30), "Zoë 👩‍🍳 "+strings.Repeat("x", 90)
				orders = append(orders, o)
			}
			s.queueOf(orders...)
			for range 45 {
				s.press("down")
				s.text()
			}
			if width >= 40 && height >= 8 {
				s.reads("▸ #1 ")
			}
			s.press("r")
			s.receive(Message{Type: "recent_orders", Orders: orders})
			s.press("down", "down")
			s.text()
			s.Update(lostMsg{time.Now(), strings.Repeat("a long reason ", 30)})
			s.text()
		}
	}
}

// What writers choose reaches the terminal as text: nothing of it can move the cursor, set the title or type commands.
func TestTextOfOrdersCannotCommandTheScreen(t *testing.T) {
	evil := "a\x1b]0;title\x07b\x9bc\r\nd\u202ee\te\x1b[2J"
	s := newStage(t, 150, 30)
	o := s.order(1, 0)
	o.Type, o.CustomerName, o.Notes, o.AllergyNote = evil, evil, evil, evil
	o.Table, o.CreatedBy = &order.Table{Label: evil}, &order.CreatedBy{Name: evil}
	o.Items = []line{{MenuItem: order.Ref{Name: evil}, Notes: evil, Modifiers: []modifier{{Option: order.Ref{Name: evil}}}}}
	s.queueOf()
	s.receive(Message{Type: "initial_queue", Live: true, Restaurant: restaurantInfo{Name: evil}, Orders: []Ticket{o}})
	views := []tea.View{s.View()}
	up := o
	up.Status, up.Version = order.Status("pending"), 2
	s.receive(Message{Type: "order_updated", Order: &up, By: evil})
	views = append(views, s.View())
	s.receive(Message{Type: "error", Code: evil, Message: evil})
	views = append(views, s.View())
	s.receive(Message{Type: "order_deleted", OrderID: "o1", By: evil})
	views = append(views, s.View())
	s.press("r")
	s.receive(Message{Type: "recent_orders", Orders: []Ticket{o}})
	s.Update(lostMsg{time.Now(), evil})
	views = append(views, s.View())
	for _, v := range views {
		for _, text := range []string{ansi.Strip(v.Content), v.WindowTitle} {
			for _, c := range "\x1b\x07\u009b\r\t\u202e" {
				if strings.ContainsRune(text, c) {
					t.Errorf("%U gets through: %q", c, text)
				}
			}
		}
		if strings.Contains(v.Content, "\x1b]") || strings.Contains(v.Content, "\x1b[2J") {
			t.Errorf("a command gets through: %q", v.Content)
		}
	}
}
