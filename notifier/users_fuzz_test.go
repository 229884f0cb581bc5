package notifier

import (
	"strings"
	"testing"

	"kitchen/db/order"
)

// Any role that may connect to the database can put anything into a notification.
func FuzzUserHint(f *testing.F) {
	const id = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"
	for _, seed := range []string{`{"type":"user_changed","user_id":"` + id + `"}`, `{"type":"users_changed"}`, ``, `null`, `[]`,
		`{"user_id":7}`, `{"user_id":"` + strings.ToUpper(id) + `"}`, `{"USER_ID":"` + id + `"}`, `{"user_id":"{` + id + `}"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		reported := 0
		hint := userHints{keys: func() order.Keys { return order.Keys{User: order.Text} }, changed: func(changed []order.UserID) {
			reported++
			if len(changed) == 0 {
				return
			}
			if key, ok := order.Key(string(changed[0])); len(changed) > 1 || !ok || key != string(changed[0]) {
				t.Errorf("%q: %q was reported", payload, changed)
			}
		}}
		if hint.Notified(payload); reported != 1 {
			t.Errorf("%q: reported %d times", payload, reported)
		}
	})
}
