// Package setup answers the requests of the page on which owners and managers set up the stations of their kitchen, as JSON over HTTP.
// It checks who may do so, and every field; package tenant writes to the database, and package board has the page.
//
// A request carries a token, whose user is looked up in the database each time. Pages of other origins are refused.
package setup

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"kitchen/db"
	"kitchen/db/order"
	"kitchen/db/tenant"
	"kitchen/ws/credential"
	"kitchen/ws/limit"
	"kitchen/ws/origin"
)

const (
	maxBody      = 4 << 10 // bytes of a request
	maxName      = 100     // characters of a station's name
	maxText      = 250     // characters of anything else
	storeTimeout = 5 * time.Second
)

// Config is what a [Server] needs.
type Config struct {
	DB   *db.DB
	Keys *credential.Keys
	Log  *slog.Logger
}

// Server answers the page. Its methods may be called from any goroutine.
type Server struct {
	db      *db.DB
	keys    *credential.Keys
	origins origin.List // none but the host's own
	log     *limit.Log
	rate    *limit.Peers // of each user, so that one user cannot take all connections to the database
}

// NewServer starts nothing.
func NewServer(cfg Config) *Server {
	return &Server{db: cfg.DB, keys: cfg.Keys, log: limit.NewLog(cfg.Log),
		rate: limit.NewPeers(limit.Rate{PerSecond: 5, Burst: 60}, limit.Rate{PerSecond: 100, Burst: 1000})}
}

// ask is the body of a request. Each action reads its own fields.
type ask struct {
	ID        string   `json:"id"`
	IDs       []string `json:"ids"`
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Station   *string  `json:"station"`
	Item      string   `json:"item"`
	Category  string   `json:"category"`
	OrderType string   `json:"order_type"`
}

func (a ask) match() tenant.Match {
	return tenant.Match{Item: a.Item, Category: a.Category, OrderType: a.OrderType}
}

// fits reports whether the database can keep every text: none has a NUL, and none is longer than an index takes.
func (a ask) fits() bool {
	texts := append([]string{a.Name, a.ID, a.Kind, a.Item, a.Category, a.OrderType}, a.IDs...)
	if a.Station != nil {
		texts = append(texts, *a.Station)
	}
	return utf8.RuneCountInString(a.Name) <= maxName && !slices.ContainsFunc(texts, func(s string) bool {
		return utf8.RuneCountInString(s) > maxText || strings.ContainsRune(s, 0)
	})
}

// changeOf returns the change of an action; nil for an action that changes nothing or does not exist.
func changeOf(action string) func(context.Context, tenant.SetUp, ask) error {
	switch action {
	case "add-station":
		return func(ctx context.Context, s tenant.SetUp, a ask) error {
			_, err := s.AddStation(ctx, a.Name, a.Kind)
			return err
		}
	case "change-station":
		return func(ctx context.Context, s tenant.SetUp, a ask) error {
			return s.ChangeStation(ctx, a.ID, a.Name, a.Kind)
		}
	case "order-stations":
		return func(ctx context.Context, s tenant.SetUp, a ask) error { return s.OrderStations(ctx, a.IDs) }
	case "delete-station":
		return func(ctx context.Context, s tenant.SetUp, a ask) error { return s.DeleteStation(ctx, a.ID) }
	case "add-route":
		return func(ctx context.Context, s tenant.SetUp, a ask) error { return s.AddRoute(ctx, a.Station, a.match()) }
	case "delete-route":
		return func(ctx context.Context, s tenant.SetUp, a ask) error { return s.DeleteRoute(ctx, a.ID) }
	}
	return nil
}

// ServeHTTP runs the action that the path value names, in the restaurant of restaurant_id. It answers with the whole kitchen after it;
// the action "test" answers where a line would go.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
	defer cancel()
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	answer, err := s.answer(ctx, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	_ = json.NewEncoder(w).Encode(answer) // the client may have gone
}

func (s *Server) answer(ctx context.Context, r *http.Request) (answer any, err error) {
	if !s.origins.Allow(r) {
		return nil, &refusal{http.StatusForbidden, "forbidden", "pages of another origin may not set up stations"}
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return nil, &refusal{http.StatusUnsupportedMediaType, "invalid_message", "send JSON, and say so: Content-Type: application/json"}
	}
	who, err := s.signIn(ctx, r)
	if err != nil {
		return nil, err
	}
	var a ask
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		return nil, &refusal{http.StatusBadRequest, "invalid_message", `send a JSON object of at most 4 KiB, such as {"name":"Grill","kind":"prep"}`}
	}
	if !a.fits() {
		return nil, &refusal{http.StatusBadRequest, "invalid_message", "a name has at most 100 characters, anything else 250, and neither has a NUL"}
	}
	action := r.PathValue("action")
	change := changeOf(action)
	if change == nil && action != "look" && action != "test" {
		return nil, &refusal{http.StatusNotFound, "unknown_action", "there is no such action"}
	}
	err = s.db.UseReserved(ctx, func(conn *pgx.Conn) (err error) {
		kitchen := tenant.NewSetUp(conn, who.Restaurant)
		if action == "test" {
			answer, err = kitchen.Test(ctx, a.match())
			return err
		}
		if change != nil {
			if err := change(ctx, kitchen, a); err != nil {
				return err
			}
		}
		answer, err = kitchen.Read(ctx)
		return err
	})
	if err == nil && change != nil {
		s.log.Write(slog.LevelInfo, "stations were changed", "restaurant", who.Restaurant, "user", who.ID, "action", action)
	}
	return answer, err
}

// refusal says why a request is refused: an HTTP status, a word for programs and a sentence for people.
type refusal struct {
	status        int
	code, message string
}

func (r *refusal) Error() string { return r.message }

func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var is *refusal
	var refused *order.RefusedError
	switch {
	case errors.As(err, &is):
	case errors.As(err, &refused):
		is = &refusal{http.StatusConflict, "refused", refused.Reason}
	case errors.Is(err, order.ErrNotFound):
		is = notThere()
	default:
		s.log.Write(slog.LevelWarn, "stations could not be set up", "action", r.PathValue("action"), "err", err)
		is = &refusal{http.StatusServiceUnavailable, "unavailable", "the database does not answer now: try again in a moment"}
	}
	if is.status == http.StatusTooManyRequests || is.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(is.status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": is.code, "message": is.message})
}
