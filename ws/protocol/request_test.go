package protocol

import (
	"encoding/json"
	"strings"
	"testing"

	"kitchen/db/order"
)

func FuzzRequest(f *testing.F) {
	const soup = "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee"
	for _, seed := range []string{
		`{"type":"update_status","order_id":"` + soup + `","status":"ready","request_id":7,"version":3}`,
		`{"type":"list_recent"}`, `{"type":"authenticate","token":"x"}`, `{"type":"x"}`, `null`, `[]`, ``, `{"type":"\ud800"}`,
		`{"type":"list_recent","request_id":"\u2028"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, wrong := ParseRequest(true, body, order.Keys{})
		if wrong == nil && r.Kind == "update_status" && (len(r.Order) != 36 || r.Order != order.OrderID(strings.ToLower(string(r.Order)))) {
			t.Errorf("order %q", r.Order)
		}
		if wrong == nil {
			wrong = &Problem{Code: RateLimited}
		}
		// Whatever came, the answer is one JSON object that names the request as it was given.
		doc := Encode(wrong.Answer(r))
		if len(r.ID) > maxRequestID+2 {
			t.Errorf("a request_id of %d bytes", len(r.ID))
		}
		if !json.Valid(doc) {
			t.Errorf("answer %s", doc)
		}
	})
}
