package ws

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

// Server is the displays of one node. It is an [http.Handler] for their handshakes, and ends with [Server.Drain].
type Server struct {
	// Static after construction.
	feed    Feed
	store   Store
	keys    *Keys
	ids     order.Keys
	origins origins
	log     *slog.Logger
	peerLog *peerLog // for every line that a peer can cause
	meter   Meter
	now     func() time.Time
	limits  Limits
	times   Times
	started time.Time // for times since, which no change of the wall clock moves
	upgrade websocket.Upgrader

	// ctx ends the questions to the store when draining has taken too long; it is not a request's, because an upgraded
	// request's context does not end with the peer.
	ctx  context.Context
	stop context.CancelFunc
	// beating ends the heartbeats and the look at users, which go on while displays are being drained.
	beating context.Context
	silence context.CancelFunc

	wg       sync.WaitGroup // every goroutine of the server
	attempts sync.Pool      // of *attempt
	refusals atomic.Int64   // refused sockets in their close handshake
	lastID   atomic.Uint64  // of displays, for logs
	lookups  lookups
	changes  atomic.Uint64 // calls of Recheck
	doubted  chan struct{} // of one token: doubts is not empty

	mu       sync.Mutex
	draining bool
	places   int // displays, handshakes in progress included
	groups   map[order.RestaurantID]*Group
	wheel    wheel // of displays that have joined
	perUser  map[order.UserID]int
	joins    joins
	doubts   doubts
}

// NewServer starts a server. Its errors name every setting that is wrong.
func NewServer(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	allowed, err := parseOrigins(cfg.AllowedOrigins)
	if err != nil {
		return nil, err
	}

	s := &Server{
		feed: cfg.Feed, store: cfg.Store, keys: cfg.Keys, ids: cfg.IDs,
		origins: allowed, log: cfg.Log, peerLog: newPeerLog(cfg.Log), meter: cfg.Meter, now: cfg.Now, limits: cfg.Limits, times: cfg.Times,
		started: time.Now(),
		upgrade: websocket.Upgrader{
			HandshakeTimeout: cfg.Times.Handshake,
			ReadBufferSize:   readBuffer,
			WriteBufferPool:  &sync.Pool{}, // frames come ready, so that no display needs a buffer to build them in
			Subprotocols:     []string{protocol},
			CheckOrigin:      func(*http.Request) bool { return true }, // ServeHTTP has asked
		},
		attempts: sync.Pool{New: func() any { return newAttempt() }},
		doubted:  make(chan struct{}, 1),
		groups:   make(map[order.RestaurantID]*Group),
		perUser:  make(map[order.UserID]int),
		joins:    joins{restaurants: make(map[order.RestaurantID]*allowance)},
		doubts:   doubts{users: make(map[order.UserID]bool)},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.beating, s.silence = context.WithCancel(s.ctx)
	s.wg.Go(s.beat)
	s.wg.Go(s.recheckUsers)
	return s, nil
}

// Displays is how many displays have a place on this node, handshakes in progress included.
func (s *Server) Displays() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.places
}

// reserve takes a place for a display, and one in the wait group for its goroutine. It answers an HTTP status where
// there is none to be had.
func (s *Server) reserve() (status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining || s.places >= s.limits.Displays {
		return http.StatusServiceUnavailable
	}
	s.places++
	s.wg.Add(1)
	return 0
}

// vacate gives a place back, while the display's goroutine goes on.
func (s *Server) vacate() {
	s.mu.Lock()
	s.places--
	s.mu.Unlock()
}

// forgetGroups drops the groups that nobody came back to. A group that is still unsubscribing stays, because a restaurant
// never has two. It is called with the lock held.
func (s *Server) forgetGroups(now time.Duration) {
	for restaurant, g := range s.groups {
		g.mu.Lock()
		if len(g.members) == 0 && g.subscription == nil && !g.syncing && now-g.emptied > groupKept {
			delete(s.groups, restaurant)
		}
		g.mu.Unlock()
	}
}

// elapsed is the time since the server started.
func (s *Server) elapsed() time.Duration { return time.Since(s.started) }
