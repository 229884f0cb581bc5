package pairing

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"kitchen/db/order"
	"kitchen/ws/credential"
	"kitchen/ws/limit"
	"kitchen/ws/origin"
)

const (
	codeLife     = 10 * time.Minute
	askAgain     = 2 * time.Second // how often a screen asks whether it was confirmed
	storeTimeout = 5 * time.Second // of one question to the store
	maxBody      = 4 << 10         // bytes of a request
)

// Store is where devices and codes are kept.
type Store interface {
	// Users are those of ws.Store.
	Users(ctx context.Context, ids []order.UserID) ([]order.User, error)
	Devices(ctx context.Context, ids []order.DeviceID) ([]order.Device, error)
	// RestaurantNames returns the names of those restaurants that exist.
	RestaurantNames(ctx context.Context, ids []order.RestaurantID) (map[order.RestaurantID]string, error)
	// Stations returns the stations of those restaurants that have any, in their order.
	Stations(ctx context.Context, ids []order.RestaurantID) (map[order.RestaurantID][]order.Station, error)
	// AskToPair stores a code and a device token for as long as life. [order.ErrTooMany] where too many devices wait already.
	AskToPair(ctx context.Context, p order.Pairing, life time.Duration) (expires time.Time, err error)
	// PairingWithCode and PairingOf look for a device that waits. [order.ErrNotFound] where there is none.
	PairingWithCode(ctx context.Context, code order.TokenHash) (order.Pairing, error)
	PairingOf(ctx context.Context, id order.DeviceID) (order.Pairing, error)
	// Pair confirms a code. [order.ErrNotFound] where no screen shows it, an *[order.RefusedError] where a field is wrong.
	Pair(ctx context.Context, c order.Confirmation) (order.DeviceID, error)
}

// Config is what a [Server] needs. Store and Keys are required.
type Config struct {
	Store          Store
	Keys           *credential.Keys
	IDs            func() order.Keys
	AllowedOrigins []string // as those of sockets
	Log            *slog.Logger
	Now            func() time.Time // time.Now
}

// Server answers the requests of screens that pair, and of the users who confirm them.
type Server struct {
	store   Store
	keys    *credential.Keys
	ids     func() order.Keys
	origins origin.List
	log     *limit.Log
	now     func() time.Time

	codes   *limit.Peers // requests for a code, by address and in total
	looks   *limit.Peers // requests for the state of a code, likewise
	signIns *limit.Peers // requests with a user's token, likewise
	guesses *limit.Peers // codes that are tried, by user and in total
}

// NewServer starts nothing. The rates leave room for the screens of a chain behind one proxy, whose address they all have.
func NewServer(cfg Config) (*Server, error) {
	allowed, err := origin.Parse(cfg.AllowedOrigins)
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.IDs == nil {
		cfg.IDs = func() order.Keys { return order.Keys{} }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Server{
		store: cfg.Store, keys: cfg.Keys, ids: cfg.IDs, origins: allowed, log: limit.NewLog(cfg.Log), now: cfg.Now,
		codes:   limit.NewPeers(limit.Rate{PerSecond: 0.2, Burst: 30}, limit.Rate{PerSecond: 1, Burst: 200}),
		looks:   limit.NewPeers(limit.Rate{PerSecond: 50, Burst: 100}, limit.Rate{PerSecond: 200, Burst: 400}),
		signIns: limit.NewPeers(limit.Rate{PerSecond: 0.5, Burst: 30}, limit.Rate{PerSecond: 5, Burst: 100}),
		guesses: limit.NewPeers(limit.Rate{PerSecond: 1.0 / 15, Burst: 40}, limit.Rate{PerSecond: 2, Burst: 200}),
	}, nil
}

// Handler answers all requests below /pair/.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /pair/code", s.newCode)
	mux.HandleFunc("GET /pair/state", s.state)
	mux.HandleFunc("POST /pair/look", s.look)
	mux.HandleFunc("POST /pair/confirm", s.confirm)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if !s.origins.Allow(r) {
			fail(w, refusal(http.StatusForbidden, "forbidden", "pages of this origin may not pair screens: see the allowed origins"))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
		defer cancel()
		mux.ServeHTTP(w, r.WithContext(ctx))
	})
}

// newCode gives a screen a code to show, and the device token that it will have once the code is confirmed.
func (s *Server) newCode(w http.ResponseWriter, r *http.Request) {
	from := address(r)
	if !s.codes.Take(network(from), s.now()) {
		fail(w, tooMany("too many screens ask for a code: try again in a minute", time.Minute))
		return
	}
	code, p := newCode(), order.Pairing{From: from.String()}
	token, its := credential.NewDeviceToken()
	p.Device, p.Code, p.Token = its.Device, hashCode(code), its.Hash
	expires, err := s.store.AskToPair(r.Context(), p, codeLife)
	switch {
	case errors.Is(err, order.ErrTooMany):
		fail(w, tooMany("too many screens wait to be paired: try again in some minutes", time.Minute))
	case err != nil:
		s.unavailable(w, "a screen could not ask to pair", err)
	default:
		write(w, http.StatusCreated, struct {
			Code    string  `json:"code"`
			Pass    string  `json:"pass"`
			Expires float64 `json:"expires_in_s"`
			Again   float64 `json:"again_in_s"`
		}{spoken(code), token, seconds(min(codeLife, expires.Sub(s.now()))), askAgain.Seconds()})
	}
}

// state answers a screen, which sends its device token, whether it was confirmed.
func (s *Server) state(w http.ResponseWriter, r *http.Request) {
	if !s.looks.Take(network(address(r)), s.now()) {
		fail(w, tooMany("asked too often: wait some seconds", 5*time.Second))
		return
	}
	text, _ := credential.OfHeader(r)
	token, ok := credential.ParseDeviceToken(text)
	if !ok {
		fail(w, refusal(http.StatusUnauthorized, "bad_token", "send the \"pass\" that came with the code as Authorization: Bearer"))
		return
	}
	// The device is looked up last: a screen that is confirmed between the two questions waits, or is paired, and is never over.
	waits, err := s.store.PairingOf(r.Context(), token.Device)
	switch {
	case err == nil && token.Proves(waits.Token):
		write(w, http.StatusOK, map[string]string{"state": "waiting"})
		return
	case err != nil && !errors.Is(err, order.ErrNotFound):
		s.unavailable(w, "a screen that pairs could not be looked up", err)
		return
	}
	devices, err := s.store.Devices(r.Context(), []order.DeviceID{token.Device})
	switch {
	case err != nil:
		s.unavailable(w, "a screen that pairs could not be looked up", err)
	case len(devices) == 1 && token.Proves(devices[0].Token) && !devices[0].Revoked:
		d := devices[0]
		write(w, http.StatusOK, paired{"paired", d.Restaurant, d.Name, d.Role, named(d.Stations)})
	default:
		write(w, http.StatusOK, map[string]string{"state": "over"})
	}
}

// paired is the state of a screen that was confirmed.
type paired struct {
	State      string             `json:"state"`
	Restaurant order.RestaurantID `json:"restaurant_id"`
	Name       string             `json:"name"`
	Role       string             `json:"role"`
	Stations   []station          `json:"stations"` // what its board shows first; none: everything
}

// station is one as pages need it.
type station struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func named(stations []order.Station) []station {
	named := make([]station, 0, len(stations))
	for _, s := range stations {
		named = append(named, station{s.ID, s.Name})
	}
	return named
}

// address is where a request comes from. The node believes no header of a proxy, whose own address it is then.
func address(r *http.Request) netip.Addr {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	a, _ := netip.ParseAddr(host)
	return a.Unmap()
}

// network is what counts as one peer: an IPv4 address, or the /64 network of an IPv6 address, which one site has.
func network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

func seconds(d time.Duration) float64 { return max(0, d.Round(time.Second).Seconds()) }
