// Package board is the kitchen board: the page that a cook looks at for eight hours, and the browser client that other
// pages may use without it. It owns the built files under dist, embedded, and how they are served; the sources are client.js
// and page/, and `npm ci && npm run build` in this directory makes dist from them.
//
// It knows nothing of orders, sockets or credentials: the page talks to the socket of the same server, and its token travels
// in the URL's fragment, which browsers do not send. All addresses in it are relative, so that a proxy may put a path before
// them: https://example.com/kds/kitchen/42 works where the proxy takes /kds away again.
package board

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"kitchen/db/order"
)

//go:embed dist/*
var dist embed.FS

// policy is the Content-Security-Policy of every page: nothing from elsewhere, no inline script or style, no frame around
// it, and no string ever becomes markup, except through the templates of lit-html, which hold no string of an order, nor the
// address of a script, except that of the worker that keeps the page's own files.
// https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/trusted-types/
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'%s; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types lit-html kitchen-worker"

// Handler serves everything of this package under its usual paths: `/`, `/pair`, `/kitchen/{restaurant_id}`, `/pickup/{restaurant_id}` and `/board/`.
// ids are the types of the database's ids, which change where another mapping is attached; so each request asks for them.
func Handler(ids func() order.Keys) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", Home())
	mux.Handle("GET /kitchen/{restaurant_id}", Page(ids))
	mux.Handle("GET /kitchen/{restaurant_id}/{$}", Page(ids))
	mux.Handle("GET /pickup/{restaurant_id}", Pickup(ids))
	mux.Handle("GET /pickup/{restaurant_id}/{$}", Pickup(ids))
	mux.Handle("GET /pair", Pair())
	mux.Handle("GET /kitchen/{restaurant_id}/stations", SetUp(ids))
	mux.Handle("GET /board/{file}", Assets())
	return mux
}

// Home serves the page that pairs a screen, or takes a link or a token and leads to a board.
func Home() http.Handler { return newFile("home.html") }

// Pair serves the page on which somebody confirms the code of a screen.
func Pair() http.Handler { return newFile("pair.html") }

// Page serves the board of the restaurant in the path value restaurant_id, or 404 where that can be no restaurant's id. Which
// restaurant it is, and whether the reader may see it, is the socket's business: the page itself is the same for all.
func Page(ids func() order.Keys) http.Handler { return pageOf("board.html", ids) }

// Pickup serves the pick-up screen of the restaurant in the path value restaurant_id, as [Page] serves its board.
func Pickup(ids func() order.Keys) http.Handler { return pageOf("pickup.html", ids) }

func pageOf(name string, ids func() order.Keys) http.Handler {
	page := newFile(name)
	below := *page // for an address with a slash at its end, from where everything lies one step further up
	below.replace("../board/", "../../board/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Only the canonical form, so that a restaurant has one address.
		_, err := ids().Restaurant.Parse(r.PathValue("restaurant_id"))
		switch {
		case err != nil:
			http.NotFound(w, r)
		case strings.HasSuffix(r.URL.Path, "/"):
			below.ServeHTTP(w, r)
		default:
			page.ServeHTTP(w, r)
		}
	})
}

// SetUp serves the page on which owners and managers set up the stations of the restaurant in the path value restaurant_id, or 404
// where that can be no restaurant's id. The page itself holds nothing of a restaurant.
func SetUp(ids func() order.Keys) http.Handler {
	page := newFile("setup.html")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := ids().Restaurant.Parse(r.PathValue("restaurant_id")); err != nil {
			http.NotFound(w, r)
			return
		}
		page.ServeHTTP(w, r)
	})
}

// Assets serves the scripts, the style sheet and the browser client; the last element of the path names the file.
func Assets() http.Handler {
	files := map[string]*file{}
	for _, name := range []string{
		"start.js", "board.js", "home.js", "pair.js", "pickup.js", "setup.js", "client.js", "worker.js", "board.css", "pickup.css", "icon.svg", "LICENSES.txt",
	} {
		files[name] = newFile(name)
	}
	// The client may be imported by pages of any origin: it holds nothing but itself.
	files["client.js"].headers = map[string]string{"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
	// The worker serves the boards, which lie beside its folder.
	files["worker.js"].headers = map[string]string{"Service-Worker-Allowed": "../"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[path.Base(r.URL.Path)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		f.ServeHTTP(w, r)
	})
}

// file is one embedded file as it is served.
type file struct {
	name    string
	content []byte
	kind    string
	etag    string
	headers map[string]string // beside those that all files have
}

// newFile reads an embedded file. One that is missing is a mistake of the build, which any test finds.
func newFile(name string) *file {
	content, err := fs.ReadFile(dist, "dist/"+name)
	if err != nil {
		panic("board: the program was built without " + name + ": " + err.Error())
	}
	kinds := map[string]string{
		".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	}
	f := &file{name: name, content: content, kind: kinds[path.Ext(name)]}
	f.replace("", "")
	return f
}

// replace replaces a text in the file, and names the edition that comes out of it.
func (f *file) replace(old, with string) {
	if old != "" {
		f.content = bytes.ReplaceAll(f.content, []byte(old), []byte(with))
	}
	sum := sha256.Sum256(f.content)
	f.etag = `"` + hex.EncodeToString(sum[:16]) + `"`
}

// ServeHTTP answers with the file. A browser keeps it but asks each time whether it is still the same, so that all files of
// a page are always of one version, and a screen that is reloaded after an upgrade is upgraded.
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", f.etag)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Security-Policy", strings.Replace(policy, "%s", socketSources(r.Host), 1))
	for name, value := range f.headers {
		h.Set(name, value)
	}
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.content))
}

// socketSources names the host's WebSocket addresses, for browsers whose 'self' does not cover them (Safari before 15.4).
// A Host header is the client's own word: what is not plainly a host is left out.
func socketSources(host string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".-:[]", r)
	}
	if host == "" || strings.TrimFunc(host, plain) != "" {
		return ""
	}
	return " ws://" + host + " wss://" + host
}
