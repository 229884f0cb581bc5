package ws

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"kitchen/db/order"
)

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
		t.Errorf("the store was asked for %+v", u)
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
		t.Errorf("the store was asked for %+v", u)
	}
	if m := c.want("ack"); string(m.RequestID) != "1" || m.OrderID != soup || m.Status != "ready" || *m.Version != 4 {
		t.Errorf("ack %+v", m)
	}
	c.send(`{"type":"update_lines","order_id":"` + string(soup) + `","status":"pending","station":null,"lines":null,"from":null,"reason":"cold"}`)
	if u := <-updates; u.Station != nil || u.Lines != nil || u.From != nil || u.Status != order.Pending || u.Reason != "cold" {
		t.Errorf("with null for station, lines and from the store was asked for %+v", u)
	}
	c.send(`{"type":"fire","order_id":"` + string(soup) + `","course":2,"request_id":"f"}`)
	if got := <-fired; got != fmt.Sprint(bistro, soup, 2) {
		t.Errorf("fired %s", got)
	}
	if m := c.want("ack"); string(m.RequestID) != `"f"` || m.Status != "preparing" || *m.Version != 5 {
		t.Errorf("ack %+v", m)
	}
}

// A display may not cancel an order; but asking for the status that the order has succeeds, whichever that is. Only the store knows.
func TestAskingForTheStatusOfACancelledOrderSucceeds(t *testing.T) {
	t.Parallel()
	k := open(t)
	k.store.set(func(s *fakeStore) {
		s.update = func(_ context.Context, u order.StatusUpdate) (order.StatusResult, error) {
			return order.StatusResult{Status: u.Status, Version: 7}, nil // it was so before
		}
	})
	c := k.join()
	c.send(`{"type":"update_status","request_id":1,"order_id":"` + string(soup) + `","status":"cancelled"}`)
	if m := c.want("ack"); m.Version == nil || *m.Version != 7 {
		t.Errorf("the ack has another version than 7: %+v", m)
	}
}
