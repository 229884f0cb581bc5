package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

// post asks a node for something of pairing, and returns its answer.
func (s *served) post(t *testing.T, path, token string, body any) (status int, answer fields) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return s.pairing(t, http.MethodPost, path, token, text)
}

func (s *served) pairing(t *testing.T, method, path, token string, body []byte) (status int, answer fields) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("%s: %s: %v", path, response.Status, err)
	}
	return response.StatusCode, answer
}

// newScreen asks a node for a code, as a screen does, and returns it with the device token.
func newScreen(t *testing.T, s *served) (code, token string) {
	t.Helper()
	status, is := s.post(t, "/pair/code", "", nil)
	code, _ = is["code"].(string)
	token, _ = is["pass"].(string)
	if status != http.StatusCreated || len(code) != 9 || !strings.HasPrefix(token, "kdp_") || is["expires_in_s"] != 600.0 {
		t.Fatalf("%d %v", status, is)
	}
	return code, token
}

// state is a node's answer to a screen about its pairing.
func (s *served) state(t *testing.T, token string) fields {
	t.Helper()
	status, is := s.pairing(t, http.MethodGet, "/pair/state", token, nil)
	if status != http.StatusOK {
		t.Fatalf("%d %v", status, is)
	}
	return is
}

// dialDevice opens a socket of the kitchen or of its pick-up screens, and reads the first message or the close code.
func dialDevice(t *testing.T, s *served, what string, restaurant order.RestaurantID, token string) (conn *websocket.Conn, kind string, code int) {
	t.Helper()
	address := "ws" + strings.TrimPrefix(s.url, "http") + "/ws/" + what + "/" + string(restaurant) + "/"
	conn, _, err := websocket.DefaultDialer.Dial(address, http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var m fields
	_ = conn.SetReadDeadline(time.Now().Add(waitLimit))
	if err := conn.ReadJSON(&m); err != nil {
		closed, _ := err.(*websocket.CloseError) //nolint:errorlint // the library does not wrap it
		if closed == nil {
			t.Fatal(err)
		}
		return conn, "", closed.Code
	}
	kind, _ = m["type"].(string)
	return conn, kind, 0
}

// closedWith reads until the node closes.
func closedWith(conn *websocket.Conn) int {
	_ = conn.SetReadDeadline(time.Now().Add(waitLimit))
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			if closed, ok := err.(*websocket.CloseError); ok { //nolint:errorlint // the library does not wrap it
				return closed.Code
			}
			return 0
		}
	}
}
