package ws

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kitchen/db/order"
	"kitchen/ws/credential"
)

// device makes a device and its token, used a minute ago.
func (k *kitchen) device(restaurant order.RestaurantID, role string) (token string, id order.DeviceID) {
	token, p := credential.NewDeviceToken()
	k.tokens = append(k.tokens, token)
	k.store.set(func(s *fakeStore) {
		s.devices[p.Device] = order.Device{ID: p.Device, Restaurant: restaurant, Name: "Wall", Role: role, Token: p.Hash, Created: time.Now().Add(-time.Minute)}
	})
	return token, p.Device
}

func (k *kitchen) changeDevice(id order.DeviceID, change func(*order.Device)) {
	k.store.set(func(s *fakeStore) {
		d := s.devices[id]
		change(&d)
		s.devices[id] = d
	})
}

// dialPickup is dial for a pick-up screen.
func (k *kitchen) dialPickup(restaurant order.RestaurantID, token string) *client {
	k.t.Helper()
	conn, response, err := dialer().Dial(k.pickupURL(restaurant), http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		k.t.Fatalf("dial: %v (%v)", err, response)
	}
	k.t.Cleanup(func() { conn.Close() })
	return &client{k.t, conn, pickupOf(restaurant)}
}

func TestDeviceTokenOpensItsRestaurantInAllThreePlacesWithAnyKeys(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*recipe){
		"a secret": func(*recipe) {},
		"no key":   func(r *recipe) { r.Keys = credential.NoKeys() },
	} {
		k := open(t, change)
		token, _ := k.device(bistro, order.BoardRole)
		url := k.url(bistro)
		for place, dial := range map[string]func() (string, http.Header){
			"query":  func() (string, http.Header) { return url + "?token=" + token, nil },
			"header": func() (string, http.Header) { return url, http.Header{"Authorization": {"Bearer " + token}} },
			"subprotocol": func() (string, http.Header) {
				return url, http.Header{"Sec-Websocket-Protocol": {"kitchen.v1, bearer." + token}}
			},
		} {
			to, header := dial()
			conn, _, err := dialer().Dial(to, header)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, place, err)
			}
			c := &client{t, conn, bistro}
			c.want("initial_queue")
			c.send(moveSoup)
			c.want("ack")
			conn.Close()
		}
	}
}

func TestInvalidDeviceTokenIsRefused(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.DeviceTokenIdle = time.Hour })
	good, id := k.device(bistro, order.BoardRole)
	other, _ := credential.NewDeviceToken()
	guessed := good[:len(good)-1] + map[bool]string{true: "B", false: "A"}[good[len(good)-1] == 'A']
	for why, token := range map[string]string{"unknown": other, "a guessed secret": guessed, "cut": good[:20], "the prefix alone": "kdp_",
		"upper case": strings.ToUpper(good), "longer": good + "A", "of lower case hex beyond": strings.Replace(good, "kdp_", "kdp_00", 1)} {
		if text := k.dialRefused(bistro, token, 4001); !strings.HasPrefix(text, "bad_token: ") {
			t.Errorf("%s: %s", why, text)
		}
	}
	k.dialRefused(diner, good, 4003)
	k.dialRefused(nowhere, good, 4003)
	k.changeDevice(id, func(d *order.Device) {
		d.Created, d.LastSeen = time.Now().Add(-100*time.Hour), time.Now().Add(-time.Minute)
	})
	c := k.dial(bistro, good)
	c.want("initial_queue")
	c.conn.Close()
	k.changeDevice(id, func(d *order.Device) { d.LastSeen = time.Now().Add(-2 * time.Hour) })
	k.dialRefused(bistro, good, 4001)
	k.changeDevice(id, func(d *order.Device) { d.LastSeen, d.Revoked = time.Now(), true })
	k.dialRefused(bistro, good, 4001)
	screenToken, _ := k.device(bistro, order.ScreenRole)
	k.dialRefused(bistro, screenToken, 4003)
}

func TestRevokedDeviceIsClosedAtOnce(t *testing.T) {
	t.Parallel()
	k := open(t, seldom)
	token, id := k.device(bistro, order.BoardRole)
	otherToken, _ := k.device(bistro, order.BoardRole)
	c, stays := k.dial(bistro, token), k.dial(bistro, otherToken)
	c.want("initial_queue")
	stays.want("initial_queue")
	k.changeDevice(id, func(d *order.Device) { d.Revoked = true })
	began := time.Now()
	k.server.RecheckDevice(id)
	c.wantClose(4001)
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	stays.send(moveSoup)
	stays.want("ack")
}

// A screen that renews its credential may do so with its token, which has no end.
func TestDeviceTokenRenewsAndDoesNotExpire(t *testing.T) {
	t.Parallel()
	k := open(t)
	token, _ := k.device(bistro, order.BoardRole)
	c := k.join()
	c.send(`{"type":"authenticate","token":"` + token + `"}`)
	if m := c.want("authenticated"); !m.ExpiresAt.IsZero() {
		t.Errorf("expires at %v", m.ExpiresAt)
	}
	foreign, _ := k.device(diner, order.BoardRole)
	c.send(`{"type":"authenticate","token":"` + foreign + `"}`)
	c.wantError("bad_token")
	onlyNumbers, _ := k.device(bistro, order.ScreenRole)
	c.send(`{"type":"authenticate","token":"` + onlyNumbers + `"}`)
	c.wantError("bad_token")
	c.send(moveSoup)
	c.want("ack")
}

func TestDevicesInUseAreWrittenDownTogetherAndSeldom(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Seen = 300 * time.Millisecond })
	began := time.Now()
	var ids []order.DeviceID
	for range 3 {
		token, id := k.device(bistro, order.BoardRole)
		ids = append(ids, id)
		k.dial(bistro, token).want("initial_queue")
	}
	k.join() // a user is no device
	var calls [][]order.DeviceID
	eventually(t, "each was written down three times", func() bool {
		k.store.set(func(s *fakeStore) { calls = slices.Clone(s.seen) })
		n := map[order.DeviceID]int{}
		for _, call := range calls {
			for _, id := range call {
				n[id]++
			}
		}
		return len(n) == 3 && n[ids[0]] >= 3 && n[ids[1]] >= 3 && n[ids[2]] >= 3
	})
	if most := int(time.Since(began)/(300*time.Millisecond)) + 3; len(calls) > most {
		t.Errorf("%d questions to the store, want at most %d: %v", len(calls), most, calls)
	}
}
