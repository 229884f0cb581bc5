package ws

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

func TestEveryErrorCode(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		r.Times.Store = 50 * time.Millisecond
		r.Limits.MessageBurst = 1000 // this test is about everything else
	})
	var answer atomic.Pointer[error]
	k.store.set(func(s *fakeStore) {
		s.update = func(ctx context.Context, u order.StatusUpdate) (order.StatusResult, error) {
			err := answer.Load()
			if err == nil {
				return order.StatusResult{Status: u.Status, Version: 8}, nil
			}
			if *err == context.DeadlineExceeded {
				<-ctx.Done()
				return order.StatusResult{}, ctx.Err()
			}
			return order.StatusResult{}, *err
		}
		s.recent = func(context.Context, order.RestaurantID) ([]order.Order, error) { return nil, errAway }
		s.lines = func(ctx context.Context, u order.LinesUpdate) (order.StatusResult, error) {
			return s.update(ctx, order.StatusUpdate{})
		}
		s.fire = func(ctx context.Context, _ order.RestaurantID, _ order.OrderID, _ int32) (order.StatusResult, error) {
			return s.update(ctx, order.StatusUpdate{})
		}
	})
	c := k.join()
	look := k.dial(bistro, k.token(viewer))
	look.want("initial_queue")

	update := func(rest string) string {
		return `{"type":"update_status","request_id":"r","order_id":"` + string(soup) + `",` + rest + `}`
	}
	lines := func(rest string) string {
		return `{"type":"update_lines","request_id":"r","order_id":"` + string(soup) + `",` + rest + `}`
	}
	fire := func(rest string) string {
		return `{"type":"fire","request_id":"r","order_id":"` + string(soup) + `",` + rest + `}`
	}
	for _, e := range []struct {
		name, send string
		store      error
		code       string
		id, order  bool // are named in the error
	}{
		{"no JSON", `hello`, nil, "invalid_message", false, false},
		{"nothing", ``, nil, "invalid_message", false, false},
		{"a list", `[]`, nil, "invalid_message", false, false},
		{"null", `null`, nil, "invalid_message", false, false},
		{"a string", `"update_status"`, nil, "invalid_message", false, false},
		{"two documents", `{"type":"list_recent"}{"type":"list_recent"}`, nil, "invalid_message", false, false},
		{"no type", `{"request_id":"r"}`, nil, "invalid_message", true, false},
		{"type in capitals", `{"TYPE":"list_recent","request_id":"r"}`, nil, "invalid_message", true, false},
		{"type a number", `{"type":1,"request_id":"r"}`, nil, "invalid_message", true, false},
		{"type null", `{"type":null}`, nil, "invalid_message", false, false},
		{"request_id a list", `{"type":"list_recent","request_id":[]}`, nil, "invalid_message", false, false},
		{"request_id true", `{"type":"list_recent","request_id":true}`, nil, "invalid_message", false, false},
		{"request_id too long", `{"type":"list_recent","request_id":"` + strings.Repeat("r", 129) + `"}`, nil,
			"invalid_message", false, false},
		{"no order_id", `{"type":"update_status","status":"ready","request_id":"r"}`, nil, "invalid_message", true, false},
		{"order_id a number", `{"type":"update_status","status":"ready","order_id":7}`, nil, "invalid_message", false, false},
		{"order_id no uuid", `{"type":"update_status","status":"ready","order_id":"7"}`, nil, "invalid_message", false, false},
		{"no status", update(`"x":1`), nil, "invalid_message", true, true},
		{"status a number", update(`"status":1`), nil, "invalid_message", true, true},
		{"version a string", update(`"status":"ready","version":"1"`), nil, "invalid_message", true, true},
		{"version a fraction", update(`"status":"ready","version":1.5`), nil, "invalid_message", true, true},
		{"version enormous", update(`"status":"ready","version":99999999999999999999`), nil, "invalid_message", true, true},
		{"no token", `{"type":"authenticate","request_id":"r"}`, nil, "invalid_message", true, false},
		{"token a number", `{"type":"authenticate","token":1}`, nil, "invalid_message", false, false},
		{"unknown type", `{"type":"cancel_everything","request_id":"r"}`, nil, "unknown_type", true, false},
		{"unknown status", update(`"status":"burnt"`), nil, "invalid_status", true, true},
		{"a capital in the status", update(`"status":"Ready"`), nil, "invalid_status", true, true},
		{"cancelled", update(`"status":"cancelled"`), nil, "not_allowed", true, true},
		{"a refused move", update(`"status":"ready"`), fmt.Errorf("update: %w", order.ErrNotAllowed), "not_allowed", true, true},
		{"no such order", update(`"status":"ready"`), fmt.Errorf("update: %w", order.ErrNotFound), "order_not_found", true, true},
		{"a conflict", update(`"status":"ready","version":3`),
			fmt.Errorf("update: %w", &order.ConflictError{StatusResult: order.StatusResult{Status: "completed", Version: 9}}), "conflict", true, true},
		{"the database away", update(`"status":"ready"`), errAway, "unavailable", true, true},
		{"the database slow", update(`"status":"ready"`), context.DeadlineExceeded, "unavailable", true, true},
		{"not ready", update(`"status":"ready"`), fmt.Errorf("update: %w", &order.NotReadyError{Waiting: []order.Waiting{{Name: "Grill", Lines: 2}}}), "not_ready", true, true},
		{"force a number", update(`"status":"ready","force":1`), nil, "invalid_message", true, true},
		{"lines of no order", `{"type":"update_lines","request_id":"r","status":"ready","station":null}`, nil, "invalid_message", true, false},
		{"lines without a status", lines(`"station":null`), nil, "invalid_message", true, true},
		{"lines of no station", lines(`"status":"ready"`), nil, "invalid_message", true, true},
		{"a station by its name", lines(`"status":"ready","station":"Grill"`), nil, "invalid_message", true, true},
		{"a station by its number", lines(`"status":"ready","station":1`), nil, "invalid_message", true, true},
		{"completed lines", lines(`"status":"completed","station":null`), nil, "invalid_status", true, true},
		{"lines seen completed", lines(`"status":"ready","station":null,"from":"completed"`), nil, "invalid_status", true, true},
		{"lines seen as a number", lines(`"status":"ready","station":null,"from":1`), nil, "invalid_message", true, true},
		{"no lines", lines(`"status":"ready","station":null,"lines":[]`), nil, "invalid_message", true, true},
		{"lines that are none", lines(`"status":"ready","station":null,"lines":["soup"]`), nil, "invalid_message", true, true},
		{"lines that are numbers", lines(`"status":"ready","station":null,"lines":[1]`), nil, "invalid_message", true, true},
		{"one line, not a list", lines(`"status":"ready","station":null,"lines":"soup"`), nil, "invalid_message", true, true},
		{"lines without kitchen.set_lines", lines(`"status":"ready","station":null`), order.ErrNotAllowed, "not_allowed", true, true},
		{"lines of another restaurant", lines(`"status":"ready","station":null`), order.ErrNotFound, "order_not_found", true, true},
		{"lines that are held", lines(`"status":"ready","station":null`), &order.RefusedError{Reason: "a held line is not cooked yet"}, "not_allowed", true, true},
		{"lines that have moved", lines(`"status":"ready","station":null,"from":"pending"`),
			&order.ConflictError{StatusResult: order.StatusResult{Status: "completed", Version: 9}}, "conflict", true, true},
		{"lines, the database away", lines(`"status":"ready","station":null`), errAway, "unavailable", true, true},
		{"lines, the database slow", lines(`"status":"ready","station":null`), context.DeadlineExceeded, "unavailable", true, true},
		{"no course", fire(`"x":1`), nil, "invalid_message", true, true},
		{"a course by its name", fire(`"course":"dessert"`), nil, "invalid_message", true, true},
		{"half a course", fire(`"course":1.5`), nil, "invalid_message", true, true},
		{"fire without kitchen.fire", fire(`"course":2`), order.ErrNotAllowed, "not_allowed", true, true},
		{"recent, the database away", `{"type":"list_recent","request_id":"r"}`, nil, "unavailable", true, false},
	} {
		t.Run(e.name, func(t *testing.T) {
			answer.Store(nil)
			if e.store != nil {
				answer.Store(&e.store)
			}
			c.send(e.send)
			m := c.wantError(e.code)
			if got := string(m.RequestID) == `"r"`; got != e.id {
				t.Errorf("request_id %s", m.RequestID)
			}
			if got := m.OrderID == soup; got != e.order {
				t.Errorf("order_id %q", m.OrderID)
			}
			if e.code == "conflict" != (m.Version != nil && *m.Version == 9 && m.Status == "completed") {
				t.Errorf("status %q, version %v", m.Status, m.Version)
			}
			if want := map[bool]string{true: `[{"station":null,"name":"Grill","lines":2}]`}[e.code == "not_ready"]; string(m.Waiting) != want {
				t.Errorf("waiting for %s, want %s", m.Waiting, want)
			}
			if strings.Contains(m.Message, errAway.Error()) {
				t.Errorf("the error tells of the inside: %q", m.Message)
			}
		})
	}

	for _, what := range []string{update(`"status":"ready"`), lines(`"status":"ready","station":null`), fire(`"course":1`)} {
		look.send(what)
		look.wantError("forbidden")
	}
	if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"list_recent"}`)); err != nil {
		t.Fatal(err)
	}
	c.wantError("invalid_message")

	// No error closed the socket.
	answer.Store(nil)
	c.send(update(`"status":"ready","version":7,"colour":"blue"`))
	m := c.want("ack")
	if string(m.RequestID) != `"r"` || m.OrderID != soup || m.Status != "ready" || m.Version == nil || *m.Version != 8 {
		t.Errorf("ack %+v", m)
	}
}

func TestUpdateReachesTheStoreAsItWasMeant(t *testing.T) {
	t.Parallel()
	k := open(t)
	updates := make(chan order.StatusUpdate, 1)
	k.store.set(func(s *fakeStore) {
		s.update = func(_ context.Context, u order.StatusUpdate) (order.StatusResult, error) {
			updates <- u
			return order.StatusResult{Status: u.Status, Version: 1}, nil
		}
	})
	c := k.join()
	c.send(`{"type":"update_status","order_id":"` + strings.ToUpper(string(soup)) + `","status":"completed","version":41}`)
	u := <-updates
	if u.Restaurant != bistro || u.Order != soup || u.Status != "completed" || u.Version == nil || *u.Version != 41 {
		t.Errorf("%+v", u)
	}
	c.send(`{"type":"update_status","order_id":"` + string(soup) + `","status":"ready","version":null,"request_id":null}`)
	if u := <-updates; u.Version != nil {
		t.Errorf("version %d where none was given", *u.Version)
	}
	// Neither had a request_id, so neither is acknowledged: the next message is another's answer.
	c.send(`{"type":"list_recent"}`)
	c.want("recent_orders")
}

func TestLinesReachTheStoreAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	k := open(t)
	updates, fired := make(chan order.LinesUpdate, 1), make(chan string, 1)
	k.store.set(func(s *fakeStore) {
		s.lines = func(_ context.Context, u order.LinesUpdate) (order.StatusResult, error) {
			updates <- u
			return order.StatusResult{Status: order.Ready, Version: 4}, nil
		}
		s.fire = func(_ context.Context, r order.RestaurantID, id order.OrderID, course int32) (order.StatusResult, error) {
			fired <- fmt.Sprint(r, id, course)
			return order.StatusResult{Status: order.Preparing, Version: 5}, nil
		}
	})
	c := k.join()
	const grill, line = "5f0e0f0a-7a3c-4a5e-9a55-0d1f6a3a8f10", "6f0e0f0a-7a3c-4a5e-9a55-0d1f6a3a8f10"
	c.send(`{"type":"update_lines","order_id":"` + strings.ToUpper(string(soup)) + `","status":"ready","station":"` + strings.ToUpper(grill) +
		`","lines":["` + strings.ToUpper(line) + `"],"from":"preparing","request_id":1}`)
	u := <-updates
	if u.Restaurant != bistro || u.Order != soup || u.Status != order.Ready || *u.Station != grill || len(u.Lines) != 1 || u.Lines[0] != line || *u.From != order.Preparing {
		t.Errorf("%+v", u)
	}
	if m := c.want("ack"); string(m.RequestID) != "1" || m.OrderID != soup || m.Status != "ready" || *m.Version != 4 {
		t.Errorf("ack %+v", m)
	}
	c.send(`{"type":"update_lines","order_id":"` + string(soup) + `","status":"pending","station":null,"lines":null,"from":null}`)
	if u := <-updates; u.Station != nil || u.Lines != nil || u.From != nil || u.Status != order.Pending {
		t.Errorf("%+v", u)
	}
	c.send(`{"type":"fire","order_id":"` + string(soup) + `","course":2,"request_id":"f"}`)
	if got := <-fired; got != fmt.Sprint(bistro, soup, 2) {
		t.Errorf("fired %s", got)
	}
	if m := c.want("ack"); string(m.RequestID) != `"f"` || m.Status != "preparing" || *m.Version != 5 {
		t.Errorf("ack %+v", m)
	}
}

// RFC 6455 section 8.1, whether the text is one frame or several; binary frames may hold anything.
func TestTextThatIsNotUTF8IsClosed(t *testing.T) {
	t.Parallel()
	k := open(t)
	for name, text := range map[string]string{
		"a stray byte": "{\"type\":\"list_recent\",\"x\":\"\xff\"}", "half a character": "{\"x\":\"\xc3\"}", "a surrogate": "\xed\xa0\x80",
		"no JSON either": "\xfe",
	} {
		c := k.join()
		c.send(text)
		if before := c.wantClose(websocket.CloseInvalidFramePayloadData); len(before) > 0 {
			t.Errorf("%s: %+v before the close", name, before)
		}
	}
	c := k.join()
	w, err := c.conn.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"{\"type\":\"list_recent\",\"x\":\"\xc3", "\xa9\"}"} { // an é, in two frames
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
		if f, ok := w.(interface{ Flush() error }); ok {
			_ = f.Flush()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c.want("recent_orders")
	if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte("\xff")); err != nil {
		t.Fatal(err)
	}
	c.wantError("invalid_message")
}

func TestRequestIDComesBackAsItWasGiven(t *testing.T) {
	t.Parallel()
	k := open(t)
	c := k.join()
	for _, id := range []string{`"a"`, `""`, `7`, `-1.50e3`, `"<b>&\u00e9"`, `"` + strings.Repeat("é", 64) + `"`, `"𝄞\n"`,
		strings.Repeat("9", 128)} {
		c.send(`{"type":"update_status","order_id":"` + string(soup) + `","status":"ready","request_id": ` + id + ` }`)
		if m := c.want("ack"); string(m.RequestID) != id {
			t.Errorf("request_id %s came back as %s", id, m.RequestID)
		}
	}
	c.send(`{"type":"list_recent","request_id":"list"}`)
	if m := c.want("recent_orders"); string(m.RequestID) != `"list"` {
		t.Errorf("recent_orders with request_id %s", m.RequestID)
	}
}

func TestRecentOrders(t *testing.T) {
	t.Parallel()
	k := open(t)
	c := k.join()
	c.send(`{"type":"list_recent"}`)
	if m := c.want("recent_orders"); m.Orders == nil || len(m.Orders) != 0 {
		t.Errorf("no orders are %v, want an empty list", m.Orders)
	}
	k.store.set(func(s *fakeStore) {
		s.recent = func(_ context.Context, r order.RestaurantID) ([]order.Order, error) {
			return []order.Order{{ID: "2"}, {ID: "1", RestaurantID: r}}, nil
		}
	})
	c.send(`{"type":"list_recent"}`)
	m := c.want("recent_orders")
	if len(m.Orders) != 2 || !strings.HasPrefix(string(m.Orders[0]), `{"id":"2",`) || !strings.Contains(string(m.Orders[1]), string(bistro)) {
		t.Errorf("orders %s", m.Orders)
	}
}

// Displays that ask for the recall list all the time share its answers. None gets one from before it asked.
func TestRecallListsAreReadTogether(t *testing.T) {
	t.Parallel()
	k := open(t)
	var questions, busy atomic.Int64
	k.store.set(func(s *fakeStore) {
		s.recent = func(_ context.Context, r order.RestaurantID) ([]order.Order, error) {
			if r == bistro && busy.Add(1) > 1 {
				t.Error("two questions for one restaurant at a time")
			}
			n := int64(questions.Add(1))
			if r == bistro {
				busy.Add(-1)
			}
			return []order.Order{{Number: n}}, nil
		}
	})
	const displays, times = 20, 10
	began := time.Now()
	var asking sync.WaitGroup
	for range displays {
		c := k.join()
		asking.Go(func() {
			for i := range times {
				before := questions.Load()
				if err := c.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"list_recent","request_id":%d}`, i)); err != nil {
					t.Error(err)
					return
				}
				m, err := c.read()
				for err == nil && m.Type == "heartbeat" {
					m, err = c.read()
				}
				var o struct {
					Number int64 `json:"order_number"`
				}
				if err != nil || m.Type != "recent_orders" || string(m.RequestID) != fmt.Sprint(i) || len(m.Orders) != 1 ||
					json.Unmarshal(m.Orders[0], &o) != nil {
					t.Errorf("%+v, %v", m, err)
					return
				}
				if o.Number <= before {
					t.Errorf("answer %d is older than the question, before which there were %d", o.Number, before)
				}
			}
		})
	}
	asking.Wait()
	if n, most := questions.Load(), int64(time.Since(began)/recentRest)+2; n > most {
		t.Errorf("%d questions for %d requests, want at most %d", n, displays*times, most)
	}

	// A restaurant whose list takes long delays no other.
	hold, held := make(chan struct{}), make(chan struct{})
	k.store.set(func(s *fakeStore) {
		s.recent = func(_ context.Context, r order.RestaurantID) ([]order.Order, error) {
			if r == bistro {
				close(held)
				<-hold
			}
			return nil, nil
		}
	})
	slow := k.join()
	slow.send(`{"type":"list_recent"}`)
	<-held
	theirs := k.dial(diner, k.token(rival))
	theirs.want("initial_queue")
	theirs.send(`{"type":"list_recent"}`)
	theirs.want("recent_orders")
	close(hold)
	slow.want("recent_orders")
}

func TestAnswersComeInOrder(t *testing.T) {
	t.Parallel()
	k := open(t)
	first := make(chan struct{})
	var calls atomic.Int64
	k.store.set(func(s *fakeStore) {
		s.update = func(_ context.Context, u order.StatusUpdate) (order.StatusResult, error) {
			if n := calls.Add(1); n == 1 {
				<-first
			}
			return order.StatusResult{Status: u.Status, Version: 1}, nil
		}
	})
	c := k.join()
	for i := range 10 {
		c.send(fmt.Sprintf(`{"type":"update_status","order_id":%q,"status":"ready","request_id":%d}`, soup, i))
	}
	eventually(t, "the first reached the store", func() bool { return calls.Load() == 1 })
	close(first)
	for i := range 10 {
		if m := c.want("ack"); string(m.RequestID) != fmt.Sprint(i) {
			t.Fatalf("ack %s, want %d", m.RequestID, i)
		}
	}
}

func TestTooManyMessagesAreToldAndAFloodIsClosed(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		// So slow that none comes back while this runs.
		r.Limits.MessageRate, r.Limits.MessageBurst, r.Limits.Flood = 1e-9, 3, 5
	})
	other := k.join()
	c := k.join()
	for i := range 3 {
		c.send(fmt.Sprintf(`{"type":"update_status","order_id":%q,"status":"ready","request_id":%d}`, soup, i))
		c.want("ack")
	}
	for i := range 4 {
		c.send(fmt.Sprintf(`{"type":"update_status","order_id":%q,"status":"ready","request_id":%d}`, soup, i))
		if m := c.wantError("rate_limited"); string(m.RequestID) != fmt.Sprint(i) || m.OrderID != soup {
			t.Errorf("rate_limited for %s, %s", m.RequestID, m.OrderID)
		}
	}
	c.send(`{"type":"list_recent"}`)
	c.wantClose(4029)
	other.send(`{"type":"list_recent"}`)
	other.want("recent_orders")
}

func TestPingFloodIsClosed(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Limits.MessageRate, r.Limits.MessageBurst, r.Limits.Flood = 1e-9, 2, 5 })
	c := k.join()
	for range 7 {
		if err := c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience)); err != nil {
			break // it is closed already
		}
	}
	c.wantClose(4029)
}

func TestMessageOver16KiBIsClosed(t *testing.T) {
	t.Parallel()
	k := open(t)
	message := func(size int) string {
		m := `{"type":"list_recent","x":""}`
		return strings.Replace(m, `""`, `"`+strings.Repeat("x", size-len(m))+`"`, 1)
	}
	c := k.join()
	c.send(message(16 << 10))
	c.want("recent_orders")
	c.send(message(16<<10 + 1))
	c.wantClose(1009)
}
