package ws

import (
	"testing"

	"kitchen/db/order"
)

func TestPickupScreenMayConnectThereAndNowhereElse(t *testing.T) {
	t.Parallel()
	k := open(t)
	device, id := k.device(bistro, order.ScreenRole)
	for _, credential := range []string{device, k.token(screen), k.token(cook)} {
		c := k.dialPickup(bistro, credential)
		c.want("initial_queue") // whatever the fake feed of pick-up screens sends
		for _, ask := range []string{moveSoup, `{"type":"list_recent"}`, `{"type":"update_lines","order_id":"` + string(soup) + `","status":"ready","station":null}`,
			`{"type":"fire","order_id":"` + string(soup) + `","course":1}`} {
			c.send(ask)
			c.wantError("forbidden")
		}
		c.send(`{"type":"authenticate","token":"` + credential + `"}`)
		c.want("authenticated")
		c.conn.Close()
	}
	for _, refused := range []struct {
		credential string
		restaurant order.RestaurantID
		code       int
	}{{device, diner, 4003}, {k.token(screen), diner, 4003}, {k.token(ghost), bistro, 4001}, {"bad", bistro, 4001}} {
		k.dialPickup(refused.restaurant, refused.credential).wantClose(refused.code)
	}
	k.dialRefused(bistro, device, 4003)
	k.dialRefused(bistro, k.token(screen), 4003)

	c := k.dialPickup(bistro, device)
	c.want("initial_queue")
	k.changeDevice(id, func(d *order.Device) { d.Revoked = true })
	k.server.RecheckDevice(id)
	c.wantClose(4001)
}

// What boards are sent never reaches a pick-up screen of the same restaurant, nor the other way round.
func TestPickupScreensAndBoardsHaveFeedsOfTheirOwn(t *testing.T) {
	t.Parallel()
	k := open(t)
	board := k.join()
	pickup := k.dialPickup(bistro, k.token(screen))
	pickup.want("initial_queue")
	k.feed.subscription(t, bistro).event()
	k.feed.subscription(t, pickupOf(bistro)).event()
	if m := board.want("order_updated"); m.Restaurant != bistro {
		t.Errorf("a board got %+v", m)
	}
	if m := pickup.want("order_updated"); m.Restaurant != pickupOf(bistro) {
		t.Errorf("a pick-up screen got %+v", m)
	}
}
