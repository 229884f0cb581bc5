package bench

import (
	"fmt"
	"testing"
	"time"
)

// Each restaurant belongs to one writer, and each writer goes round its own.
func TestOrdersGoRoundTheRestaurantsOfTheirWriter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ writers, restaurants int }{{1, 1}, {2, 5}, {8, 200}, {16, 17}} {
		s := newSteps(1000, c.writers, c.restaurants)
		had := make(map[int]int)
		for number := range 1000 {
			r := s.restaurant(number)
			if r < 0 || r >= c.restaurants || r%c.writers != number%c.writers {
				t.Fatalf("%d writers, %d restaurants: order %d is of restaurant %d", c.writers, c.restaurants, number, r)
			}
			if before, ok := had[r]; ok && number-before != s.each(number%c.writers)*c.writers {
				t.Errorf("%d writers, %d restaurants: orders %d and %d of restaurant %d", c.writers, c.restaurants, before, number, r)
			}
			had[r] = number
		}
		if len(had) != c.restaurants {
			t.Errorf("%d of %d restaurants have orders", len(had), c.restaurants)
		}
	}
}

// A long measurement that cannot see a loss measures nothing.
func TestStepsSeeWhatIsLostOrOutOfOrder(t *testing.T) {
	t.Parallel()
	data := dataset()
	status := func(number int, status string) string {
		return fmt.Sprintf(`{"type":"order_status_changed","order_id":"%s","status":"%s"}`, data.OrderID(number), status)
	}
	created := fmt.Sprintf(`{"type":"order_created","order":{"id":"%s","status":"pending","version":3}}`, data.OrderID(0))
	queue := func(numbers ...int) string {
		orders := ""
		for _, n := range numbers {
			orders += fmt.Sprintf(`,{"id":"%s","status":"preparing"}`, data.OrderID(n))
		}
		return `{"type":"initial_queue","orders":[` + orders[min(1, len(orders)):] + `]}`
	}
	for name, c := range map[string]struct {
		texts            []string
		lost, disordered int
	}{
		"all":                            {[]string{created, status(0, "preparing"), status(0, "ready"), status(0, "completed")}, 0, 0},
		"two changes as one":             {[]string{created, status(0, "ready"), status(0, "completed")}, 0, 0},
		"the last is missing":            {[]string{created, status(0, "preparing"), status(0, "ready")}, 1, 0},
		"none":                           {nil, 4, 0},
		"a step back":                    {[]string{created, status(0, "ready"), status(0, "preparing"), status(0, "completed")}, 0, 1},
		"a queue in which it is":         {[]string{created, queue(0), status(0, "completed")}, 0, 0},
		"a queue in which it is over":    {[]string{created, queue()}, 0, 0},
		"a queue before COMMIT returned": {[]string{created, queue()}, 0, 0},
		"another's orders":               {[]string{created, status(1<<29, "preparing"), status(0, "completed")}, 0, 0},
	} {
		s, w := newSteps(1, 1, 1), &watcher{shown: make(map[int]int)}
		for step := range stepsEach {
			s.commit(0, step, time.Duration(step+1)*time.Second)
		}
		if name == "a queue before COMMIT returned" {
			s.commit(0, stepsEach-1, 11*time.Second)
		}
		for _, text := range c.texts {
			if painted := w.receive(data, []byte(text), 10*time.Second); (painted != nil) != (text == created) {
				t.Errorf("%s: a display says %s to %s", name, painted, text)
			}
		}
		took, disordered := s.tally(w)
		orders, changes, lost := s.count(time.Minute, func(int) int { return 1 })
		if orders != 1 || changes != 4 || lost != c.lost || disordered != c.disordered || len(took) != 4-c.lost {
			t.Errorf("%s: %d orders, %d changes, %d lost, %d out of order, %v", name, orders, changes, lost, disordered, took)
		}
		if _, early, _ := s.count(2*time.Second, func(int) int { return 1 }); early != 2 {
			t.Errorf("%d changes in the first two seconds, want 2", early)
		}
	}
}
