package ws

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"kitchen/db/order"
)

// protocol is the subprotocol that the server speaks; tokenProtocol is the prefix of the one that only carries a token,
// which is how a browser can send one without its getting into an access log.
const (
	protocol      = "kitchen.v1"
	tokenProtocol = "bearer."
)

// grant is what a credential lets a display do, and until when.
type grant struct {
	user      order.UserID
	mayUpdate bool
	expires   time.Time
	key       *key
	asOf      uint64 // Server.changes before the user was looked up
}

// tokenOf finds the token of a handshake. The same one may stand in several places; two different ones are refused, since
// whichever were taken, somebody might have meant the other.
func tokenOf(r *http.Request) (string, closing) {
	var found []string
	found = append(found, r.URL.Query()["token"]...)
	for _, value := range r.Header.Values("Authorization") {
		if scheme, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
			found = append(found, strings.TrimSpace(token))
		}
	}
	for _, value := range r.Header.Values("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(value, ",") {
			if token, ok := strings.CutPrefix(strings.TrimSpace(offered), tokenProtocol); ok {
				found = append(found, token)
			}
		}
	}

	var token string
	for _, t := range found {
		switch {
		case t == "" || t == token:
		case token == "":
			token = t
		default:
			return "", closeTwoTokens()
		}
	}
	if token == "" {
		return "", closeNoToken()
	}
	return token, noClosing()
}

// authorise asks what a token lets its bearer do in a restaurant. It never looks the restaurant up: the user's own is
// compared with it, so that neither the answer nor its time tells whether the restaurant exists.
func (s *Server) authorise(token string, restaurant order.RestaurantID) (grant, closing) {
	ctx, cancel := context.WithTimeout(s.ctx, s.times.Store)
	defer cancel()
	v, why := s.keys.verify(ctx, token)
	if why != noClosing() {
		return grant{}, why
	}
	asOf := s.changes.Load()
	users, err := s.lookUp(v.user)
	if err != nil {
		s.peerLog.write(slog.LevelWarn, "a user could not be looked up", "restaurant", restaurant, "err", err)
		return grant{}, closeUnavailable()
	}
	role, why := roleIn(users, restaurant)
	if why != noClosing() {
		return grant{}, why
	}
	return grant{user: v.user, mayUpdate: mayUpdate(role), expires: v.expires, key: v.key, asOf: asOf}, noClosing()
}

// roleIn finds what a user is in a restaurant, among what the store has of that user: one order.User for each restaurant. It
// answers why the user may not use this socket there.
func roleIn(users []order.User, restaurant order.RestaurantID) (role string, why closing) {
	why = closeUserGone()
	for _, u := range users {
		switch {
		case u.Restaurant == restaurant && !u.Active:
			return "", closeUserGone()
		case u.Restaurant == restaurant && u.Role == "screen":
			return "", closeScreen()
		case u.Restaurant == restaurant:
			return u.Role, noClosing()
		case u.Active:
			why = closeForbidden() // of another restaurant
		}
	}
	return "", why
}

// mayUpdate names the roles that may, so that one which is added later may not until somebody decides it.
func mayUpdate(role string) bool {
	switch role {
	case "owner", "manager", "cashier", "kitchen":
		return true
	}
	return false
}
