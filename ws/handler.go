package ws

import (
	"bufio"
	"log/slog"
	"net"
	"net/http"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
	"kitchen/ws/closing"
	"kitchen/ws/credential"
	"kitchen/ws/tcp"
)

// readBuffer is small because every display has one. Longer messages are read in several pieces.
const readBuffer = 128

// ServeHTTP answers the handshake of a display. It reads restaurant_id from the request's path values. Everything that
// has to do with the credential is refused after the upgrade, with a close code, because a browser cannot read the HTTP
// status of a refused one.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serveHTTP(w, r, false) }

// Pickup is the handler of the handshakes of pick-up screens.
func (s *Server) Pickup() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serveHTTP(w, r, true) })
}

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request, pickup bool) {
	refuse := func(text string, status int) {
		s.meter.Refused(status)
		http.Error(w, text, status)
	}
	id, err := s.ids().Restaurant.Parse(r.PathValue("restaurant_id"))
	restaurant := order.RestaurantID(id)
	switch {
	case err != nil:
		refuse("there is no such restaurant: "+err.Error(), http.StatusNotFound)
		return
	case !websocket.IsWebSocketUpgrade(r) || r.Header.Get("Sec-WebSocket-Version") != "13":
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Sec-WebSocket-Version", "13")
		refuse("this address is for WebSocket connections (RFC 6455, version 13)", http.StatusUpgradeRequired)
		return
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		refuse("a WebSocket handshake is a GET", http.StatusMethodNotAllowed)
		return
	case !s.origins.Allow(r):
		refuse("pages of this origin may not connect: see the allowed origins", http.StatusForbidden)
		return
	}
	if status := s.reserve(); status != 0 {
		w.Header().Set("Retry-After", "5")
		refuse("this node takes no more displays now: try again soon", status)
		return
	}

	hijack := &hijacker{ResponseWriter: w}
	conn, err := s.upgrade.Upgrade(hijack, r, nil)
	if err != nil {
		s.release()
		s.wg.Done()
		return
	}
	d := s.newDisplay(conn, hijack.socket)
	s.accept(d, r, restaurant, pickup)
	// A new goroutine reads, so that the one of net/http can end and free its buffers and its large stack: BenchmarkIdleDisplay has
	// 5.5 KiB a display with it and 23.5 without.
	go d.read()
}

// accept checks the credential of a display after its upgrade, and has it join its restaurant or closes it.
func (s *Server) accept(d *display, r *http.Request, restaurant order.RestaurantID, pickup bool) {
	defer d.recoverPanic()
	token, why := credential.OfRequest(r)
	var g grant
	if why == closing.None() {
		g, why = s.authorise(token, restaurant, pickup)
	}
	if why == closing.None() {
		d.extendReadDeadline()
		why = s.join(d, restaurant, pickup, g)
	}
	if why != closing.None() {
		s.peerLog.Write(slog.LevelInfo, "a display was refused", "restaurant", restaurant, "display", d.id, "code", why.Code, "reason", why.Text)
		s.meter.Refused(int(why.Code))
		d.refuse(why)
		return
	}
	d.socket.BecameDisplay()
	s.meter.Joined()
	s.log.Debug("a display joined", "restaurant", restaurant, "display", d.id)
	d.group.syncSubscription()
}

// hijacker gives gorilla a [socket] instead of the plain connection.
type hijacker struct {
	http.ResponseWriter
	socket *socket
}

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	taken, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.socket = &socket{Conn: tcp.TakeOver(taken)}
	return h.socket, rw, nil
}
