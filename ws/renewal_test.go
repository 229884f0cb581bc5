package ws

import (
	"context"
	"strings"
	"testing"
	"time"

	"kitchen/db/order"
)

func TestCredentialEndsTheSocketWhenItExpires(t *testing.T) {
	t.Parallel()
	k := open(t)
	other := k.join()
	expires := time.Now().Add(2 * time.Second).Truncate(time.Second)
	c := k.dial(bistro, k.tokenUntil(cook, expires))
	c.want("initial_queue")
	c.wantClose(4001)
	if late := time.Since(expires); late < 0 || late > 10*time.Second {
		t.Errorf("closed %v after the expiry", late)
	}
	other.send(`{"type":"list_recent"}`)
	other.want("recent_orders")
}

func TestCredentialCanBeRenewed(t *testing.T) {
	t.Parallel()
	k := open(t)
	soon := time.Now().Add(2 * time.Second).Truncate(time.Second)
	c := k.dial(bistro, k.tokenUntil(viewer, soon))
	c.want("initial_queue")
	update := `{"type":"update_status","order_id":"` + string(soup) + `","status":"ready","request_id":1}`
	c.send(update)
	c.wantError("forbidden")

	later := time.Now().Add(time.Hour).Truncate(time.Second)
	c.send(`{"type":"authenticate","request_id":"auth","token":"` + k.tokenUntil(cook, later) + `"}`)
	if m := c.want("authenticated"); !m.ExpiresAt.Equal(later) || string(m.RequestID) != `"auth"` {
		t.Errorf("%+v, want expires_at %v", m, later)
	}
	c.send(update) // the new user may
	c.want("ack")
	// The old expiry passes, and two looks at expiries after it.
	passed := time.NewTimer(time.Until(soon.Add(2 * expiryEvery)))
	<-passed.C
	c.send(update)
	c.want("ack")

	// Rights can be given back, too.
	c.send(`{"type":"authenticate","token":"` + k.tokenUntil(viewer, later) + `"}`)
	c.want("authenticated")
	c.send(update)
	c.wantError("forbidden")
	// And a credential that expires soon does end the socket.
	c.send(`{"type":"authenticate","token":"` + k.tokenUntil(cook, time.Now().Add(1500*time.Millisecond)) + `"}`)
	c.want("authenticated")
	c.wantClose(4001)
}

func TestRenewalThatFails(t *testing.T) {
	t.Parallel()
	k := open(t)
	c := k.join()
	// The display goes on with what it had, and is told what is wrong with what it sent.
	for _, e := range []struct{ name, token, says string }{
		{"rubbish", "rubbish", "not valid"},
		{"empty", "", "not valid"},
		{"too long", strings.Repeat("x", 5000), "5000 bytes"},
		{"expired", k.tokenUntil(cook, time.Now().Add(-time.Minute)), "expired"},
		{"a user who is gone", k.token(ghost), "unknown or not active"},
		{"a user of another restaurant", k.token(rival), "does not belong to this restaurant"},
		{"a pick-up screen", k.token(screen), "pick-up screen"},
	} {
		c.send(`{"type":"authenticate","request_id":"auth","token":"` + e.token + `"}`)
		if m := c.wantError("bad_token"); string(m.RequestID) != `"auth"` || !strings.Contains(m.Message, e.says) {
			t.Errorf("%s: %+v", e.name, m)
		}
		c.send(moveSoup)
		c.want("ack")
	}

	k.store.set(func(s *fakeStore) {
		s.user = func(context.Context, order.UserID) (order.User, error) { return order.User{}, errAway }
	})
	c.send(`{"type":"authenticate","request_id":5,"token":"` + k.token(viewer) + `"}`)
	if m := c.wantError("unavailable"); string(m.RequestID) != "5" {
		t.Errorf("the error names another request: %+v", m)
	}
	c.send(`{"type":"update_status","order_id":"` + string(soup) + `","status":"ready","request_id":1}`)
	c.want("ack") // the old credential holds
}

// A token that does not do must not put off the end of the one that does.
func TestCredentialExpiresThoughABadTokenCame(t *testing.T) {
	t.Parallel()
	k := open(t)
	c := k.dial(bistro, k.tokenUntil(cook, time.Now().Add(2*time.Second).Truncate(time.Second)))
	c.want("initial_queue")
	c.send(`{"type":"authenticate","token":"` + k.token(rival) + `"}`)
	c.wantError("bad_token")
	c.wantClose(4001)
}
