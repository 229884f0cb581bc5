package pairing

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kitchen/db/order"
	"kitchen/ws/credential"
)

// lateStore has a screen that waits. It is confirmed right after the first question about it, whichever that is.
type lateStore struct {
	Store     // nothing else is asked
	waiting   order.Pairing
	confirmed bool
}

func (s *lateStore) Devices(context.Context, []order.DeviceID) (found []order.Device, err error) {
	if s.confirmed {
		found = []order.Device{{ID: s.waiting.Device, Restaurant: "r", Name: "Grill", Role: order.BoardRole, Token: s.waiting.Token}}
	}
	s.confirmed = true
	return found, nil
}

func (s *lateStore) PairingOf(context.Context, order.DeviceID) (p order.Pairing, err error) {
	p, err = s.waiting, nil
	if s.confirmed {
		p, err = order.Pairing{}, order.ErrNotFound
	}
	s.confirmed = true
	return p, err
}

// A screen that gets the answer "over" deletes its token. That would lose a device that was confirmed a moment before.
func TestScreenThatIsConfirmedWhileItAsksIsNeverOver(t *testing.T) {
	text, device := credential.NewDeviceToken()
	store := &lateStore{waiting: order.Pairing{Device: device.Device, Token: device.Hash}}
	s, err := NewServer(Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"waiting", "paired"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/pair/state", nil)
		r.Header.Set("Authorization", "Bearer "+text)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), `"state":"`+want+`"`) {
			t.Errorf("%d %s, want %s", w.Code, w.Body, want)
		}
	}
}
