package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kitchen/db/dbtest"
)

// An operator at a terminal pairs a screen, lists it, and revokes it, on our tables and on another program's.
func TestScreensArePairedListedAndRevokedAtATerminal(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	n := startServe(t, onDatabase(url)...)
	run := func(want int, args ...string) (string, string) {
		t.Helper()
		out, errs, code := kitchen(t, onDatabase(url), args...)
		if code != want {
			t.Fatalf("%v: exit code %d, want %d: %s%s", args, code, want, out, errs)
		}
		return strings.TrimSpace(out), errs
	}
	if _, errs := run(0, "screens"); !strings.Contains(errs, "kitchen pair CODE") {
		t.Errorf("before any is paired: %s", errs)
	}
	code, token := newScreen(t, n)
	for _, wrong := range []struct {
		args []string
		want string
	}{
		{[]string{"pair", "7K3M-0000"}, "no screen shows the code"},
		{[]string{"pair", code, "--restaurant", "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"}, "there is no restaurant"},
		{[]string{"pair", code, "--restaurant", "7"}, "is not a uuid"},
		{[]string{"pair", code, "--name", " "}, "1 to 60 characters"},
		{[]string{"pair", code, "--station", "Grill"}, "no station \"Grill\": it has no stations: kitchen station add"},
		{[]string{"screens", "revoke", "Door"}, `there is no screen "Door"`},
		{[]string{"screens", "--restaurant", "7"}, "there is no restaurant 7"},
		{[]string{"screens", "--json", "--restaurant", "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"}, "there is no restaurant 0b6a9c1e"},
		{[]string{"screens", "revoke", "Door", "--restaurant", "7"}, "there is no restaurant 7"},
	} {
		if _, errs := run(1, wrong.args...); !strings.Contains(errs, wrong.want) {
			t.Errorf("%v: %s", wrong.args, errs)
		}
	}
	if _, errs := run(2, "pair", code, "--role", "owner"); !strings.Contains(errs, `"owner" is not one of kitchen, screen`) {
		t.Errorf("another role: %s", errs)
	}
	if _, errs := run(2, "screens", "remove"); !strings.Contains(errs, "list or revoke") {
		t.Errorf("another word: %s", errs)
	}
	id, errs := run(0, "pair", strings.ToLower(code), "--name", "Door", "--role", "screen")
	if len(id) != 36 || !strings.Contains(errs, "kitchen screens") {
		t.Errorf("%q, %s", id, errs)
	}
	if out, _ := run(0, "screens"); out != id+"  Door  pick-up screen  restaurant House of ana ("+string(h.restaurant)+")  never seen" {
		t.Errorf("a screen that was paired is listed as %q", out)
	}
	conn, kind, _ := dialDevice(t, n, "pickup", h.restaurant, token)
	if kind != "pickup_queue" {
		t.Fatalf("the pick-up screen first got %s, want pickup_queue", kind)
	}
	until(t, "it is seen", func() bool {
		out, _ := run(0, "screens", "list", "--restaurant", string(h.restaurant))
		return strings.HasSuffix(out, "in use")
	})
	if out, _ := run(0, "screens", "revoke", "door"); !strings.HasPrefix(out, "revoked "+id) {
		t.Errorf("revoking by another case of the name says %q", out)
	}
	if code := closedWith(conn); code != 4001 {
		t.Errorf("closed with %d", code)
	}
	if out, _ := run(0, "screens"); !strings.HasSuffix(out, "revoked") {
		t.Errorf("a revoked screen is listed as %q", out)
	}

	// A board that was set to a station, and the same as JSON for programs.
	run(0, "station", "add", "Grill")
	code, token = newScreen(t, n)
	wall, _ := run(0, "pair", code, "--name", "Wall", "--station", "grill")
	if out, _ := run(0, "screens"); !strings.Contains(out, wall+"  Wall  board of Grill  restaurant") {
		t.Errorf("a board of a station is listed as %q", out)
	}
	if shown := fmt.Sprint(n.state(t, token)["stations"]); !strings.Contains(shown, "name:Grill") {
		t.Errorf("the screen received %s", shown)
	}
	out, _ := run(0, "screens", "--json")
	var is struct {
		Screens []struct {
			ID, Name, Role, Restaurant string
			Stations                   []struct{ Name string }
			RestaurantID               string `json:"restaurant_id"`
			Revoked                    bool
		}
	}
	if err := json.Unmarshal([]byte(out), &is); err != nil || len(is.Screens) != 2 {
		t.Fatalf("%v: %s", err, out)
	}
	if s := is.Screens[0]; s.ID != wall || s.Name != "Wall" || s.Role != "kitchen" || s.Restaurant != "House of ana" || s.RestaurantID != string(h.restaurant) ||
		len(s.Stations) != 1 || s.Stations[0].Name != "Grill" || s.Revoked || !is.Screens[1].Revoked {
		t.Errorf("as JSON the screens are %s", out)
	}

	// A link, for a screen that nobody pairs.
	run(0, "user", "add", "wall", "--role", "screen")
	userToken, errs := run(0, "token", "wall")
	if want := "pick-up screen: http://127.0.0.1:8080/pickup/" + string(h.restaurant) + "#token=" + userToken; strings.TrimSpace(errs) != want {
		t.Errorf("%q, want %q", errs, want)
	}
	if status, body := n.get(t, "/pickup/"+string(h.restaurant)); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}
