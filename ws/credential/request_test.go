package credential

import (
	"net/http/httptest"
	"strings"
	"testing"

	"kitchen/ws/closing"
)

// Fuzz targets for input from outside, besides FuzzRequest, FuzzToken, FuzzRestaurantPath and FuzzKeySet, which are with
// the tests of what they try.

func FuzzHandshakeToken(f *testing.F) {
	for _, seed := range [][3]string{
		{"token=a.b.c", "", ""}, {"", "Bearer a.b.c", ""}, {"", "", "kitchen.v1, bearer.a.b.c"}, {"token=x&token=y", "bearer z", "bearer."},
		{"token=%zz;&token", "Basic YTpi", ",,bearer.x,"}, {"TOKEN=x", "Bearer", "Bearer.x"}, {"token=", "Bearer  x ", " bearer.x\t"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, query, authorization, protocols string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = query
		r.Header["Authorization"] = []string{authorization}
		r.Header["Sec-Websocket-Protocol"] = []string{protocols}
		token, why := OfRequest(r)
		if (token == "") == (why == closing.None()) {
			t.Fatalf("token %q, %+v", token, why)
		}
		if why != closing.None() && why.Code != 4001 {
			t.Errorf("refused with %d", why.Code)
		}
		// Nothing is made up, and the same comes from any one of the places.
		in := r.URL.Query().Get("token") + "\n" + authorization + "\n" + protocols
		for _, more := range r.URL.Query()["token"] {
			in += "\n" + more
		}
		if !strings.Contains(in, token) {
			t.Errorf("token %q of query %q, Authorization %q, subprotocols %q", token, query, authorization, protocols)
		}
	})
}
