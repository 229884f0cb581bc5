package pairing

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/credential"
)

// request is the body of a request to look for a code or to confirm it.
type request struct {
	Code       string             `json:"code"`
	Restaurant order.RestaurantID `json:"restaurant_id"`
	Name       string             `json:"name"`
	Role       string             `json:"role"`
	Stations   []string           `json:"stations"` // by name or id; none: everything
}

// waiting describes a screen that shows a code to the user who wants to confirm it.
type waiting struct {
	From        string       `json:"from"` // the network address that it asks from
	Since       float64      `json:"asked_s_ago"`
	Restaurants []restaurant `json:"restaurants"` // in which the user may confirm it
}

type restaurant struct {
	ID   order.RestaurantID `json:"id"`
	Name string             `json:"name"`

	Stations []station `json:"stations"` // that a board can be set to show first
}

// look answers which screen shows a code. Only users who may confirm it get an answer.
func (s *Server) look(w http.ResponseWriter, r *http.Request) {
	user, ask, wrong := s.signIn(r)
	if wrong.Status != 0 {
		fail(w, wrong)
		return
	}
	found, wrong := s.screen(r, user, ask.Code)
	if wrong.Status != 0 {
		fail(w, wrong)
		return
	}
	names, err := s.store.RestaurantNames(r.Context(), user.restaurants)
	if err != nil {
		s.unavailable(w, "the names of restaurants could not be read", err)
		return
	}
	stations, err := s.store.Stations(r.Context(), user.restaurants)
	if err != nil {
		s.unavailable(w, "the stations of restaurants could not be read", err)
		return
	}
	is := waiting{From: found.From, Since: seconds(s.now().Sub(found.Asked)), Restaurants: []restaurant{}}
	for _, id := range user.restaurants {
		if name, exists := names[id]; exists {
			is.Restaurants = append(is.Restaurants, restaurant{id, name, named(stations[id])})
		}
	}
	slices.SortFunc(is.Restaurants, func(a, b restaurant) int { return strings.Compare(a.Name, b.Name) })
	write(w, http.StatusOK, is)
}

// confirm makes the screen that shows a code a device of a restaurant.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request) {
	user, ask, wrong := s.signIn(r)
	if wrong.Status != 0 {
		fail(w, wrong)
		return
	}
	if !slices.Contains(user.restaurants, ask.Restaurant) {
		fail(w, refusal(http.StatusForbidden, "other_restaurant", "you are no owner or manager of this restaurant"))
		return
	}
	if ask.Role != order.BoardRole && ask.Role != order.ScreenRole {
		fail(w, refusal(http.StatusBadRequest, "invalid_message", "role has to be kitchen or screen"))
		return
	}
	if _, wrong := s.screen(r, user, ask.Code); wrong.Status != 0 {
		fail(w, wrong)
		return
	}
	id, err := s.store.Pair(r.Context(), order.Confirmation{
		Code: ask.Code, Restaurant: ask.Restaurant, Name: ask.Name, Role: ask.Role, Stations: ask.Stations, By: user.id,
	})
	var refused *order.RefusedError
	switch {
	case errors.Is(err, order.ErrNotFound):
		fail(w, noScreen())
	case errors.As(err, &refused):
		fail(w, refusal(http.StatusConflict, "refused", refused.Reason))
	case err != nil:
		s.unavailable(w, "a screen could not be paired", err)
	default:
		s.log.Write(slog.LevelInfo, "a screen was paired", "restaurant", ask.Restaurant, "device", id, "role", ask.Role)
		write(w, http.StatusOK, struct {
			Device order.DeviceID `json:"device_id"`
		}{id})
	}
}

// confirmer is a user and the restaurants in which this user may confirm screens.
type confirmer struct {
	id          order.UserID
	restaurants []order.RestaurantID
}

// signIn reads a request and checks that its user is an owner or a manager of some restaurant.
func (s *Server) signIn(r *http.Request) (who confirmer, ask request, wrong problem) {
	if !s.signIns.Take(network(address(r)), s.now()) {
		return who, ask, tooMany("too many attempts: try again in a minute", time.Minute)
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return who, ask, refusal(http.StatusUnsupportedMediaType, "invalid_message", "send JSON, and say so: Content-Type: application/json")
	}
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
		return who, ask, refusal(http.StatusBadRequest, "invalid_message", `send JSON like {"code":"7K3M-Q2ZX"}`)
	}
	token, why := credential.OfHeader(r)
	if why == closing.None() && credential.IsDeviceToken(token) {
		return who, ask, refusal(http.StatusForbidden, "not_allowed", "a device token confirms no screen: sign in with an owner's or manager's token")
	}
	var v credential.Verified
	if why == closing.None() {
		v, why = s.keys.Verify(r.Context(), token)
	}
	if why != closing.None() {
		return who, ask, refusal(http.StatusUnauthorized, word(why), why.Sentence())
	}
	who.id = order.UserID(s.ids().User.Spelling(string(v.User)))
	users, err := s.store.Users(r.Context(), []order.UserID{who.id})
	if err != nil {
		s.log.Write(slog.LevelWarn, "a user could not be looked up", "err", err)
		return who, ask, unavailable()
	}
	active := false
	for _, u := range users {
		active = active || u.Active
		if u.Active && credential.MaySetUp(u.Role) {
			who.restaurants = append(who.restaurants, u.Restaurant)
		}
	}
	switch {
	case !active:
		return who, ask, refusal(http.StatusUnauthorized, word(closing.UserGone()), closing.UserGone().Sentence())
	case who.restaurants == nil:
		return who, ask, refusal(http.StatusForbidden, "not_allowed", "only an owner or a manager may pair screens")
	}
	return who, ask, problem{}
}

// screen finds the screen that shows a code. Each code counts against the limits of guesses, right or wrong.
func (s *Server) screen(r *http.Request, who confirmer, typed string) (order.Pairing, problem) {
	code, ok := readCode(typed)
	if !ok {
		return order.Pairing{}, refusal(http.StatusBadRequest, "invalid_code", "a code has 8 letters and digits: read it again from the screen")
	}
	if !s.guesses.Take(string(who.id), s.now()) {
		return order.Pairing{}, tooMany("too many codes were tried: try again in some minutes", 5*time.Minute)
	}
	found, err := s.store.PairingWithCode(r.Context(), hashCode(code))
	switch {
	case errors.Is(err, order.ErrNotFound):
		return found, noScreen()
	case err != nil:
		s.log.Write(slog.LevelWarn, "a screen that pairs could not be looked up", "err", err)
		return found, unavailable()
	}
	return found, problem{}
}
