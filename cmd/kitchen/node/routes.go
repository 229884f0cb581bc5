package node

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"kitchen/ws/board"
)

// routes is every URL of a node.
func (n *Node) routes() http.Handler {
	mux := http.NewServeMux()

	// Displays. The last slash may be there or not, without a redirect: clients of sockets do not follow one.
	mux.Handle("/ws/kitchen/{restaurant_id}", n.displays)
	mux.Handle("/ws/kitchen/{restaurant_id}/{$}", n.displays)

	mux.Handle("/ws/pickup/{restaurant_id}", n.displays.Pickup())
	mux.Handle("/ws/pickup/{restaurant_id}/{$}", n.displays.Pickup())

	// Screens that pair with a restaurant.
	mux.Handle("/pair/{what}", n.pairing.Handler())

	// Health checks.
	mux.HandleFunc("GET /healthz", n.healthz)
	mux.HandleFunc("GET /readyz", n.readyz)

	// People, and the files of their pages.
	mux.Handle("GET /{$}", board.Home())
	mux.Handle("GET /kitchen/{restaurant_id}", board.Page(n.pool.Keys))
	mux.Handle("GET /kitchen/{restaurant_id}/{$}", board.Page(n.pool.Keys))
	mux.Handle("GET /pickup/{restaurant_id}", board.Pickup(n.pool.Keys))
	mux.Handle("GET /pickup/{restaurant_id}/{$}", board.Pickup(n.pool.Keys))
	mux.Handle("GET /pair", board.Pair())
	mux.Handle("GET /kitchen/{restaurant_id}/stations", board.SetUp(n.pool.Keys))
	mux.Handle("GET /board/{file}", board.Assets())

	// What owners and managers set up.
	mux.Handle("POST /kitchen/{restaurant_id}/stations/{action}", n.setup)

	return mux
}

// healthz answers as long as the process is up. It does not look at the database, because a restart of the node would not
// bring the database back.
func (n *Node) healthz(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") }

// readyz answers 503 while new displays should go to another node. It gives no details, because anybody may ask; they are in
// the log and at the address for operators.
func (n *Node) readyz(w http.ResponseWriter, _ *http.Request) { n.answerReady(w, "") }

// readyzInDetail is readyz for operators: it adds the reasons why the node is not live.
func (n *Node) readyzInDetail(w http.ResponseWriter, _ *http.Request) {
	n.answerReady(w, ": "+strings.Join(n.notifier.Trouble(), "; "))
}

func (n *Node) answerReady(w http.ResponseWriter, trouble string) {
	switch {
	case n.stopping.Load():
		answer(w, http.StatusServiceUnavailable, "this node is stopping")
	case n.remote != nil && !n.remote.Known():
		answer(w, http.StatusServiceUnavailable, "the address of the keys that tokens are verified with has not answered yet")
	case !n.notifier.Live():
		answer(w, http.StatusServiceUnavailable, "not live"+trouble)
	default:
		answer(w, http.StatusOK, "ready")
	}
}

// strictTransport has browsers ask over TLS only for a while (RFC 6797), where that is wanted.
func strictTransport(during time.Duration, next http.Handler) http.Handler {
	if during == 0 {
		return next
	}
	value := fmt.Sprintf("max-age=%d", int(during.Seconds()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", value)
		next.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
