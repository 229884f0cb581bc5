package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kitchen/ws/limit"
)

// admin serves operators at an address of its own: metrics, profiles, the reasons of readyz, and traces of single orders.
type admin struct {
	listener net.Listener // nil: there is none
	taken    string       // the default address, where another program listens
	http     http.Server
	serving  sync.WaitGroup
}

// openAdmin listens at the address for metrics. If the default address is in use, by a second node on this machine for
// example, the node serves displays all the same; if the operator chose the address, that is an error.
func openAdmin(ctx context.Context, address string, asked bool) (*admin, error) {
	if address == "off" {
		return &admin{}, nil
	}
	listener, err := Listen(ctx, address, "--metrics-listen")
	var busy *BusyError
	switch {
	case errors.As(err, &busy) && !asked:
		return &admin{taken: address}, nil
	case err != nil:
		return nil, fmt.Errorf("metrics: %w", err)
	}
	return &admin{listener: listener}, nil
}

// serve answers until stop.
func (a *admin) serve(n *Node) {
	if a.taken != "" {
		n.log.Warn("metrics are not served: another program has their address; give this node another with --metrics-listen", "address", a.taken)
	}
	if a.listener == nil {
		return
	}
	n.log.Info("metrics", "address", "http://"+Reachable(a.listener)+"/metrics")
	a.http = http.Server{Handler: noForeignPage(sameMachine(a.listener, n.adminRoutes())),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute, // a profile may take minutes to answer
		MaxHeaderBytes: 16 << 10, ErrorLog: limit.NewLog(n.log).ForHTTP()}
	a.serving.Go(func() { _ = a.http.Serve(a.listener) }) // which ends with stop
}

// stop also aborts requests that are being answered, because a profile may take minutes.
func (a *admin) stop() {
	if a.listener == nil {
		return
	}
	_ = a.http.Close()
	_ = a.listener.Close() // where serve was never called
	a.serving.Wait()
}

// adminRoutes is every URL of the address for operators.
func (n *Node) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(n.metrics.Registry, promhttp.HandlerOpts{ErrorLog: metricsLog{limit.NewLog(n.log)}}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusNotFound, "not shown: flags may hold secrets")
	})
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /trace/{order_id}", n.trace)
	mux.HandleFunc("GET /readyz", n.readyzInDetail)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "/metrics\n/readyz\n/debug/pprof/\n/trace/ORDER-ID, or: kitchen trace ORDER-ID")
	})
	return mux
}

// metricsLog limits what the handler of /metrics logs, because each request could cause a line.
type metricsLog struct{ log *limit.Log }

func (m metricsLog) Println(what ...any) {
	m.log.Write(slog.LevelWarn, "metrics could not be collected in full", "err", strings.TrimSpace(fmt.Sprintln(what...)))
}

// noForeignPage refuses requests that web pages of other origins make, even if they could not read the answer, because a
// profile costs CPU.
func noForeignPage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fromForeignPage(r) {
			answer(w, http.StatusForbidden, "pages of other origins may not ask here")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// fromForeignPage reports whether a page of another origin has made the request. Browsers name the origin in Sec-Fetch-Site, except
// to an address without TLS that is not this machine's; in Origin, except for images and links; and in Referer, unless the page
// forbids it. A link from elsewhere may open the address, but no profile: of a browser that names no origin, profiles are
// refused, too.
func fromForeignPage(r *http.Request) bool {
	site, mode, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Mode"), r.Header.Get("Sec-Fetch-Dest")
	own := site == "same-origin" || site == "none"
	foreign := site != "" && !own
	for _, header := range []string{"Origin", "Referer"} {
		if named := r.Header.Get(header); named != "" {
			from, err := url.Parse(named)
			same := err == nil && from.Host == r.Host
			own, foreign = own || same, foreign || !same
		}
	}
	browser := strings.HasPrefix(r.UserAgent(), "Mozilla/") || strings.HasPrefix(r.Header.Get("Accept"), "image/")
	if strings.HasPrefix(r.URL.Path, "/debug/pprof/") {
		return foreign || browser && !own
	}
	opened := mode == "navigate" && dest == "document" && r.Header.Get("Origin") == ""
	return foreign && !opened
}

// sameMachine accepts only numeric addresses and localhost as the Host of a request to a loopback address. Otherwise a web
// page whose host name is changed to resolve to 127.0.0.1 (DNS rebinding) could read the answers.
func sameMachine(l net.Listener, next http.Handler) http.Handler {
	if address, ok := l.Addr().(*net.TCPAddr); !ok || !address.IP.IsLoopback() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host != "localhost" && net.ParseIP(host) == nil {
			answer(w, http.StatusForbidden, "ask by an address like 127.0.0.1 or localhost")
			return
		}
		next.ServeHTTP(w, r)
	})
}
