package ws

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"kitchen/db/order"
)

// protocol is the subprotocol that the server speaks. tokenProtocol is the prefix of one that only carries a token: a browser can
// send its token that way, and it does not appear in access logs.
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

// tokenOf finds the token of a handshake in the query, the Authorization header and the subprotocols. It refuses two different
// tokens, because it cannot know which one is meant.
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

// authorise returns what a token permits in a restaurant. It compares the restaurant with those of the user and never looks it
// up, so that neither the answer nor its timing shows whether the restaurant exists.
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

// roleIn returns the role of a user in a restaurant, or the reason why this user may not connect to it. users are the store's
// entries of that one user, one for each restaurant.
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

// mayUpdate reports whether a role may move orders. It lists the roles that may, so that a new role may not until it is added.
func mayUpdate(role string) bool {
	switch role {
	case "owner", "manager", "cashier", "kitchen":
		return true
	}
	return false
}
