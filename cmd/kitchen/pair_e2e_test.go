package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/dbtest"
)

// A screen asks one node, the owner confirms at another, and the device token is good at both until somebody revokes it.
func TestScreenIsPairedOverTwoNodesAndRevokedWithinASecond(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "rob")
	execute(t, h, `update users set role = 'owner'`)
	one, two := startServe(t, onDatabase(url)...), startServe(t, onDatabase(url)...)
	code, token := newScreen(t, one)
	if is := two.state(t, token); is["state"] != "waiting" {
		t.Errorf("before it is confirmed: %v", is)
	}
	if _, _, closed := dialDevice(t, one, "kitchen", h.restaurant, token); closed != 4001 {
		t.Errorf("a device token that nobody has confirmed: %d", closed)
	}
	status, seen := two.post(t, "/pair/look", h.token(t), fields{"code": strings.ToLower(code)})
	if text := fmt.Sprint(seen["restaurants"]); status != 200 || seen["from"] != "127.0.0.1" || !strings.Contains(text, "House of ana") || strings.Contains(text, "rob") {
		t.Errorf("%d %v", status, seen)
	}
	confirm := fields{"code": code, "restaurant_id": h.restaurant, "name": "Wall", "role": "kitchen"}
	if status, is := two.post(t, "/pair/confirm", h.token(t), confirm); status != 200 {
		t.Fatalf("%d %v", status, is)
	}
	if status, is := two.post(t, "/pair/confirm", h.token(t), confirm); status != 404 || is["error"] != "no_screen" {
		t.Errorf("a second time: %d %v", status, is)
	}
	if is := one.state(t, token); is["state"] != "paired" || is["restaurant_id"] != string(h.restaurant) || is["role"] != "kitchen" || is["name"] != "Wall" {
		t.Errorf("once it is confirmed: %v", is)
	}
	var open []*websocket.Conn
	for _, n := range []*served{one, two} {
		conn, kind, closed := dialDevice(t, n, "kitchen", h.restaurant, token)
		if kind != "initial_queue" {
			t.Fatalf("%s, closed with %d", kind, closed)
		}
		open = append(open, conn)
		if _, _, closed := dialDevice(t, n, "kitchen", other.restaurant, token); closed != 4003 {
			t.Errorf("in another restaurant: %d", closed)
		}
	}
	until(t, "it is written down that the screen is in use", func() bool {
		return h.ask(t, `select (last_seen_at is not null)::text from kitchen.devices`) == "true"
	})
	if by := h.ask(t, `select created_by::text from kitchen.devices`); by != string(h.user) {
		t.Errorf("created by %s", by)
	}
	execute(t, h, `update kitchen.devices set revoked_at = now()`)
	began := time.Now()
	for i, conn := range open {
		if code := closedWith(conn); code != 4001 {
			t.Errorf("node %d closed it with %d", i, code)
		}
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if is := one.state(t, token); is["state"] != "over" {
		t.Errorf("revoked: %v", is)
	}
	for _, n := range []*served{one, two} {
		for _, secret := range []string{token, code, strings.ReplaceAll(code, "-", ""), h.token(t)} {
			if strings.Contains(n.stderr.String(), secret) {
				t.Error("a secret was logged")
			}
		}
	}
}

func TestOnlyOwnersAndManagersConfirmAndGuessingIsBounded(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "rob")
	execute(t, h, `update users set role = 'manager' where username = 'ana'`)
	n := startServe(t, onDatabase(url)...)
	code, token := newScreen(t, n)
	cook, gone := h.another(t, "cook"), h.another(t, "gone")
	execute(t, h, `update users set is_active = false, role = 'owner' where username = 'gone'`)
	confirm := fields{"code": code, "restaurant_id": h.restaurant, "name": "Wall", "role": "kitchen"}
	for why, c := range map[string]struct {
		token  string
		body   any
		status int
		word   string
	}{
		"no token":           {"", confirm, 401, "no_token"},
		"a bad token":        {"x.y.z", confirm, 401, "bad_token"},
		"a device token":     {token, confirm, 403, "not_allowed"},
		"a cook":             {cook.token(t), confirm, 403, "not_allowed"},
		"who has left":       {gone.token(t), confirm, 401, "user_gone"},
		"another restaurant": {h.token(t), fields{"code": code, "restaurant_id": other.restaurant, "name": "Wall", "role": "kitchen"}, 403, "other_restaurant"},
		"another role":       {h.token(t), fields{"code": code, "restaurant_id": h.restaurant, "name": "Wall", "role": "owner"}, 400, "invalid_message"},
		"no name":            {h.token(t), fields{"code": code, "restaurant_id": h.restaurant, "name": " ", "role": "kitchen"}, 409, "refused"},
		"NUL in a name":      {h.token(t), fields{"code": code, "restaurant_id": h.restaurant, "name": "Wall\x00", "role": "kitchen"}, 409, "refused"},
		"a short code":       {h.token(t), fields{"code": "7K3M", "restaurant_id": h.restaurant, "name": "Wall", "role": "kitchen"}, 400, "invalid_code"},
		"no JSON object":     {h.token(t), []int{1}, 400, "invalid_message"},
	} {
		status, is := n.post(t, "/pair/confirm", c.token, c.body)
		if message, _ := is["message"].(string); status != c.status || is["error"] != c.word || message == "" {
			t.Errorf("%s: %d %v, want %d %s", why, status, is, c.status, c.word)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, n.url+"/pair/code", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://evil.example")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another origin: %s", response.Status)
	}

	// However many codes somebody tries, also at once: the bound comes soon.
	refused := make(chan int, 200)
	for i := range cap(refused) {
		go func() {
			status, _ := n.post(t, "/pair/look", h.token(t), fields{"code": fmt.Sprintf("ZZZZ%04d", i)})
			refused <- status
		}()
	}
	tried := 0
	for range cap(refused) {
		if status := <-refused; status == http.StatusNotFound {
			tried++
		} else if status != http.StatusTooManyRequests {
			t.Errorf("answered %d", status)
		}
	}
	if tried > 45 {
		t.Errorf("%d codes of 200 were tried", tried)
	}
	if is := n.state(t, token); is["state"] != "waiting" {
		t.Errorf("the screen: %v", is)
	}
	asked := 0
	for range 60 {
		if status, _ := n.post(t, "/pair/code", "", nil); status == http.StatusCreated {
			asked++
		}
	}
	if asked > 40 || asked < 20 {
		t.Errorf("one address was given %d codes", asked)
	}
}

// A node that knows no key takes device tokens alone.
func TestNodeWithoutAnyKeyServesPairedScreens(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	n := startServe(t, "DATABASE_URL="+url, "KITCHEN_PAIRED_ONLY=true")
	code, token := newScreen(t, n)
	h.ask(t, `select kitchen.pair($1, $2::text::uuid, 'Door', 'screen')::text`, code, string(h.restaurant))
	if is := n.state(t, token); is["state"] != "paired" || is["role"] != "screen" {
		t.Errorf("a code that SQL confirmed is %v, want paired as a screen", is)
	}
	if _, kind, closed := dialDevice(t, n, "pickup", h.restaurant, token); kind != "pickup_queue" {
		t.Errorf("%s, closed with %d", kind, closed)
	}
	if _, _, closed := dialDevice(t, n, "kitchen", h.restaurant, token); closed != 4003 {
		t.Errorf("a pick-up screen in the kitchen: %d", closed)
	}
	if _, _, closed := dialDevice(t, n, "kitchen", h.restaurant, h.token(t)); closed != 4001 {
		t.Errorf("a token: %d", closed)
	}
}
