package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/order"
	"kitchen/ws/board/boardtest"
	"kitchen/ws/credential"
)

// asRole makes a user of a role in the restaurant, and a token.
func (h house) asRole(t *testing.T, role string) string {
	t.Helper()
	user := h.ask(t, `insert into users (restaurant_id, username, role) values ($1::text::uuid, $2, $3) returning id::text`, string(h.restaurant), h.username+" "+role, role)
	token, err := credential.SignToken([]byte(testSecret), order.UserID(user), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// setUp asks the node to set stations up, as a page does.
func (s *served) setUp(t *testing.T, h house, token, action, body string, headers ...string) (status int, answer fields) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/kitchen/"+string(h.restaurant)+"/stations/"+action, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := (&http.Client{Timeout: waitLimit, Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: %d, %v", action, response.StatusCode, err)
	}
	return response.StatusCode, answer
}

func TestStationsAreSetUpByOwnersAndManagersAlone(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "bea")
	owner, manager, cook, foreign := h.asRole(t, "owner"), h.asRole(t, "manager"), h.token(t), other.asRole(t, "owner")
	theirs := h.ask(t, `insert into kitchen.stations (restaurant_id, name) values ($1, 'Theirs') returning id::text`, other.restaurant)
	item := h.ask(t, `insert into menu_items (restaurant_id, name, category) values ($1, 'Steak', 'meat') returning id::text`, h.restaurant)
	for _, c := range []struct {
		name, token, action, body string
		headers                   []string
		status                    int
		code                      string
	}{
		{"nobody", "", "look", "{}", nil, 401, "no_token"},
		{"rubbish", "x.y.z", "look", "{}", nil, 401, "bad_token"},
		{"a cook", cook, "add-station", `{"name":"Grill","kind":"prep"}`, nil, 403, "not_allowed"},
		{"an owner elsewhere", foreign, "look", "{}", nil, 403, "other_restaurant"},
		{"another origin", owner, "look", "{}", []string{"Origin", "https://evil.example"}, 403, "forbidden"},
		{"a form", owner, "look", "{}", []string{"Content-Type", "text/plain"}, 415, "invalid_message"},
		{"half a document", owner, "look", `{"name":`, nil, 400, "invalid_message"},
		{"too much", owner, "add-station", `{"name":"` + strings.Repeat("x", 5000) + `"}`, nil, 400, "invalid_message"},
		{"NUL", owner, "add-station", `{"name":"a\u0000b","kind":"prep"}`, nil, 400, "invalid_message"},
		{"NUL in an id", owner, "delete-station", `{"id":"a\u0000b"}`, nil, 400, "invalid_message"},
		{"NUL in a list", owner, "order-stations", `{"ids":["a\u0000b"]}`, nil, 400, "invalid_message"},
		{"NUL in a kind", owner, "add-station", `{"name":"Grill","kind":"\u0000"}`, nil, 400, "invalid_message"},
		{"NUL in a station", owner, "add-route", `{"station":"\u0000"}`, nil, 400, "invalid_message"},
		{"101 characters", owner, "add-station", `{"name":"` + strings.Repeat("x", 101) + `","kind":"prep"}`, nil, 400, "invalid_message"},
		{"a category that no index takes", owner, "add-route", `{"category":"` + strings.Repeat("x", 3000) + `"}`, nil, 400, "invalid_message"},
		{"no action", owner, "burn", "{}", nil, 404, "unknown_action"},
		{"no name", owner, "add-station", `{"name":"  ","kind":"prep"}`, nil, 409, "refused"},
		{"a name that nobody sees", owner, "add-station", `{"name":"\u200b","kind":"prep"}`, nil, 409, "refused"},
		{"no kind", owner, "add-station", `{"name":"Grill","kind":"oven"}`, nil, 409, "refused"},
		{"a route to another restaurant", owner, "add-route", `{"station":"` + theirs + `"}`, nil, 409, "refused"},
		{"a route to no id", owner, "add-route", `{"station":"1"}`, nil, 409, "refused"},
		{"a route of no item", owner, "add-route", `{"item":"` + theirs + `"}`, nil, 409, "refused"},
	} {
		status, a := n.setUp(t, h, c.token, c.action, c.body, c.headers...)
		if status != c.status || a["error"] != c.code || a["message"] == "" {
			t.Errorf("%s: %d %v, want %d %s", c.name, status, a, c.status, c.code)
		}
	}
	if _, a := n.setUp(t, h, owner, "look", "{}"); len(a["stations"].([]any)) != 0 || a["name"] != "House of ana" {
		t.Errorf("something was changed: %v", a)
	}
	// Both may, and each answer is the whole kitchen.
	_, a := n.setUp(t, h, manager, "add-station", `{"name":" Grill ","kind":"prep"}`)
	stations, _ := a["stations"].([]any)
	if len(stations) != 1 || stations[0].(fields)["name"] != "Grill" {
		t.Fatalf("add: %v", a)
	}
	grill, _ := stations[0].(fields)["id"].(string)
	long := strings.Repeat("面", 100)
	if status, a := n.setUp(t, h, owner, "change-station", `{"id":"`+grill+`","name":"`+long+`","kind":"prep"}`); status != 200 {
		t.Errorf("100 characters of three bytes each: %d %v", status, a)
	}
	n.setUp(t, h, owner, "change-station", `{"id":"`+grill+`","name":"Grill","kind":"prep"}`)
	if status, a := n.setUp(t, h, owner, "add-station", `{"name":"GRILL","kind":"prep"}`); status != 409 || !strings.Contains(a["message"].(string), "another name") {
		t.Errorf("twice: %d %v", status, a)
	}
	status := 0
	for range 2 { // a second run says that it was done
		status, a = n.setUp(t, h, owner, "add-route", `{"station":"`+grill+`","item":"`+item+`","order_type":"takeaway"}`)
	}
	if status != 409 || a["message"] != "there is this route already" {
		t.Errorf("a route twice: %d %v", status, a)
	}
	if _, a := n.setUp(t, h, owner, "test", `{"item":"`+item+`","category":"meat","order_type":"takeaway"}`); len(a["stations"].([]any)) != 1 || len(a["deciding"].([]any)) != 1 {
		t.Errorf("test: %v", a)
	}
	if status, a := n.setUp(t, h, owner, "change-station", `{"id":"`+grill+`","name":"Grill","kind":"expo"}`); status != 409 || !strings.Contains(a["message"].(string), "cannot become a pass") {
		t.Errorf("a pass with routes: %d %v", status, a)
	}
	for range 2 {
		if status, a := n.setUp(t, h, owner, "delete-station", `{"id":"`+grill+`"}`); status != 200 || len(a["routes"].([]any)) != 0 {
			t.Errorf("delete: %d %v", status, a)
		}
	}
	if n := h.ask(t, `select count(*)::text from kitchen.stations`); n != "1" {
		t.Errorf("%s stations are left, want the other restaurant's", n)
	}
	// A user who may do nothing here asks the database, too.
	for who, token := range map[string]string{"an owner": owner, "a cook": cook, "an owner elsewhere": foreign} {
		var tooFast atomic.Bool
		var all sync.WaitGroup
		for range 120 { // at once: one after the other, a slow machine is never too fast
			all.Go(func() {
				if status, _ := n.setUp(t, h, token, "look", "{}"); status == http.StatusTooManyRequests {
					tooFast.Store(true)
				}
			})
		}
		all.Wait()
		if !tooFast.Load() {
			t.Errorf("%s is never too fast", who)
		}
	}
}

// An owner sets a kitchen up by hand, and the boards follow at once.
func TestStationsAreSetUpOnAPage(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	n := startServe(t, onDatabase(url)...)
	h := newHouse(t, url, "ana")
	execute(t, h, `insert into menu_items (restaurant_id, name, category) values ($1, 'Steak', 'meat'), ($1, 'Spritz', 'drinks')`, h.restaurant)
	execute(t, h, `with o as (insert into orders (restaurant_id) values ($1) returning id)
		insert into order_items (order_id, menu_item_id) select o.id, m.id from o, menu_items m`, h.restaurant)
	owner := h.asRole(t, "owner")
	browser := chromium.Start(t)
	cook := browser.Open(t, n.board(t, h))
	cook.Wait(boardtest.Ticket(1))

	p := browser.Open(t, n.url+"/kitchen/"+string(h.restaurant)+"/stations#token="+h.token(t), boardtest.Size(1024, 3000))
	p.Wait(`document.querySelector("textarea") && document.body.innerText.includes("may not set up stations here")`)
	fill(p, "#token", n.url+"/kitchen/"+string(h.restaurant)+"#token="+owner)
	press(p, "Go on")
	p.Wait(`document.body.innerText.includes("A station is a place where")`)
	fill(p, "#name-new", "Grill")
	press(p, "Add")
	p.Wait(`document.querySelector(".stations b")?.textContent === "Grill"`)
	cook.Wait(`document.querySelector(".showing bdi")?.textContent === "Everything"`)
	p.Wait(`document.querySelectorAll(".routes")[0].innerText.includes("Spritz") && document.querySelectorAll(".routes")[0].innerText.includes("Steak")`)
	choose(p, "#route-which", "meat")
	script(p, `[...document.querySelectorAll("#new-route + form button")].at(-1).click()`)
	p.Wait(`document.body.innerText.includes("Category meat") && !document.querySelectorAll(".routes")[0].innerText.includes("Steak")`)
	if got := h.ask(t, `select r.category || ' ' || s.name from kitchen.routes r join kitchen.stations s on s.id = r.station_id`); got != "meat Grill" {
		t.Errorf("the route is %q", got)
	}
	choose(p, "#test-by", "item")
	p.Wait(`document.querySelector("#test-which option:nth-child(3)")`)
	choose(p, "#test-which", h.ask(t, `select id::text from menu_items where name = 'Steak'`))
	press(p, "Try")
	p.Wait(`document.querySelector(".went").innerText.includes("Goes to Grill.") && document.querySelector(".went").innerText.includes("Because of: Category meat → Grill")`)
	press(p, "Change Grill")
	fill(p, "[data-station] input", "Barbecue")
	press(p, "Save")
	p.Wait(`document.querySelector(".stations b")?.textContent === "Barbecue"`)
	p.Wait(`document.querySelector(".stations").parentElement.innerText.includes("1 connected screen shows the lines of all stations")`)
	p.Reload() // the tab keeps its token
	p.Wait(`document.querySelector(".stations b")?.textContent === "Barbecue"`)
	press(p, "Delete Barbecue")
	p.Wait(`document.body.innerText.includes("Delete Barbecue, and the route to it?")`)
	press(p, "Yes, delete Barbecue")
	p.Wait(`document.body.innerText.includes("A station is a place where")`)
	cook.Wait(`!document.querySelector(".showing")`)
}

// script runs a script and ignores its result.
func script(p *boardtest.Page, js string) { boardtest.Eval[any](p, "("+js+", 0)") }

func quoted(s string) string {
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(s)
	return strings.TrimSpace(b.String())
}

// choose chooses an option.
func choose(p *boardtest.Page, field, value string) {
	p.Wait(`document.querySelector(` + quoted(field+` option[value="`+value+`"]`) + `)`)
	script(p, `Object.assign(document.querySelector(`+quoted(field)+`), { value: `+quoted(value)+` }).dispatchEvent(new Event("change", { bubbles: true }))`)
}
