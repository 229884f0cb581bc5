package setup

import (
	"context"
	"net/http"
	"strings"
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/credential"
)

func notThere() *refusal {
	return &refusal{http.StatusForbidden, "other_restaurant", "this user does not belong to this restaurant"}
}

// signIn returns the user who makes a request, an owner or a manager of the restaurant. Others learn not even whether the restaurant
// exists.
func (s *Server) signIn(ctx context.Context, r *http.Request) (who order.User, err error) {
	id, err := s.db.Keys().Restaurant.Parse(r.PathValue("restaurant_id"))
	if err != nil {
		return who, notThere()
	}
	token, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !given {
		return who, &refusal{http.StatusUnauthorized, "no_token", "sign in: open this page with the link or token of an owner or a manager"}
	}
	v, why := s.keys.Verify(ctx, token)
	if why != closing.None() {
		word, _, _ := strings.Cut(why.Text, ":")
		return who, &refusal{http.StatusUnauthorized, word, why.Sentence()}
	}
	user := order.UserID(s.db.Keys().User.Spelling(string(v.User)))
	if !s.rate.Take(string(user), time.Now()) { // before the database is asked, so that a user who may do nothing is counted, too
		return who, &refusal{http.StatusTooManyRequests, "rate_limited", "too many requests: wait a moment"}
	}
	users, err := s.db.Users(ctx, []order.UserID{user})
	if err != nil {
		return who, err
	}
	role, why := credential.RoleIn(users, order.RestaurantID(id))
	switch {
	case why == closing.UserGone():
		return who, &refusal{http.StatusUnauthorized, "user_gone", why.Sentence()}
	case why != closing.None():
		return who, notThere()
	case !credential.MaySetUp(role):
		return who, &refusal{http.StatusForbidden, "not_allowed", "stations are set up by an owner or a manager: this user is of the role " + role}
	}
	for _, u := range users {
		if u.Restaurant == order.RestaurantID(id) {
			who = u
		}
	}
	return who, nil
}
