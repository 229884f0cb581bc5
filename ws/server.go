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
	"kitchen/ws/credential"
	"kitchen/ws/limit"
	"kitchen/ws/origin"
	"kitchen/ws/tcp"
)

// subprotocol is the one that the server speaks.
const subprotocol = "kitchen.v1"

// Server serves the displays of one node. It is an [http.Handler] for their handshakes, and ends with [Server.Drain].
type Server struct {
	// Static after construction.
	feed    Feed
	store   Store
	keys    *credential.Keys
	ids     func() order.Keys
	origins origin.List
	log     *slog.Logger
	peerLog *limit.Log // for every line that a peer can cause
	meter   Meter
	now     func() time.Time
	limits  Limits
	times   Times
	started time.Time // base of elapsed, which changes of the wall clock do not affect
	upgrade websocket.Upgrader

	// ctx ends the questions to the store when draining has taken too long; it is not a request's, because an upgraded
	// request's context does not end with the peer.
	ctx  context.Context
	stop context.CancelFunc
	// running ends the heartbeats and the look-ups of users, which go on while displays are being drained.
	running     context.Context
	stopRunning context.CancelFunc

	wg          sync.WaitGroup // every goroutine of the server
	attempts    sync.Pool      // of *tcp.Attempt
	refusals    atomic.Int64   // refused sockets in their close handshake
	lastID      atomic.Uint64  // of displays, for logs
	lookups     lookups
	sightings   sightings
	changes     atomic.Uint64 // calls of Recheck
	recheckWake chan struct{} // holds one token while toRecheck is not empty

	mu        sync.Mutex
	draining  bool
	places    int                           // displays, handshakes in progress included
	groups    map[order.RestaurantID]*Group // of kitchens' displays
	pickups   map[order.RestaurantID]*Group // of pick-up screens
	wheel     wheel                         // of displays that have joined
	perHolder map[holder]int
	joins     *limit.Joins
	toRecheck recheckSet
}

// NewServer starts a server. Its errors name every setting that is wrong.
func NewServer(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	allowed, err := origin.Parse(cfg.AllowedOrigins)
	if err != nil {
		return nil, err
	}

	s := &Server{
		feed: cfg.Feed, store: cfg.Store, keys: cfg.Keys, ids: cfg.IDs,
		origins: allowed, log: cfg.Log, peerLog: limit.NewLog(cfg.Log), meter: cfg.Meter, now: cfg.Now, limits: cfg.Limits, times: cfg.Times,
		started: time.Now(),
		upgrade: websocket.Upgrader{
			HandshakeTimeout: cfg.Times.Handshake,
			ReadBufferSize:   readBuffer,
			WriteBufferPool:  &sync.Pool{}, // frames come ready, so that no display needs a buffer to build them in
			Subprotocols:     []string{subprotocol},
			CheckOrigin:      func(*http.Request) bool { return true }, // ServeHTTP has asked
		},
		attempts:    sync.Pool{New: func() any { return tcp.NewAttempt() }},
		recheckWake: make(chan struct{}, 1),
		groups:      make(map[order.RestaurantID]*Group),
		pickups:     make(map[order.RestaurantID]*Group),
		perHolder:   make(map[holder]int),
		joins:       limit.NewJoins(cfg.Limits.joinsOfRestaurant(), cfg.Limits.joinsOfNode()),
		toRecheck:   recheckSet{holders: make(map[holder]bool)},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.running, s.stopRunning = context.WithCancel(s.ctx)
	s.wg.Go(s.sendHeartbeats)
	s.wg.Go(s.recheckHolders)
	s.wg.Go(s.noteDevices)
	s.wg.Go(s.noteSightings)
	return s, nil
}

// Displays returns how many displays are connected to this node, handshakes in progress included.
func (s *Server) Displays() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.places
}

// reserve counts a new display in places and in the wait group. If the node is full or draining, it counts nothing and returns
// the HTTP status to refuse the display with.
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

// release lowers the count of displays. It leaves the wait group alone: the display's goroutine may go on.
func (s *Server) release() {
	s.mu.Lock()
	s.places--
	s.mu.Unlock()
}

// forgetGroups deletes groups that have had no display for groupKept. It keeps a group that is still unsubscribing, because a
// restaurant must not have two. The caller holds s.mu.
func (s *Server) forgetGroups(now time.Duration) {
	for _, groups := range []map[order.RestaurantID]*Group{s.groups, s.pickups} {
		for restaurant, g := range groups {
			g.mu.Lock()
			if len(g.members) == 0 && g.subscription == nil && !g.syncing && now-g.emptied > groupKept {
				delete(groups, restaurant)
			}
			g.mu.Unlock()
		}
	}
}

// elapsed is the time since the server started.
func (s *Server) elapsed() time.Duration { return time.Since(s.started) }
