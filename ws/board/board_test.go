package board_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kitchen/ws/board"
)

const restaurant = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"

func get(t *testing.T, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	board.Handler(board.UUIDs).ServeHTTP(w, r)
	return w
}

func TestBoardIsServedForRestaurantsOnly(t *testing.T) {
	for path, want := range map[string]int{
		"/":                            200,
		"/kitchen/" + restaurant:       200,
		"/kitchen/" + restaurant + "/": 200,
		"/kitchen/" + strings.ToUpper(restaurant): 200,
		"/kitchen/42":                   404,
		"/kitchen/{" + restaurant + "}": 404,
		"/kitchen/":                     404,
		"/board/board.js":               200,
		"/board/client.js":              200,
		"/board/LICENSES.txt":           200,
		"/board/manifest.json":          404,
		"/board/..%2fboard.go":          404,
		"/elsewhere":                    404,
	} {
		if got := get(t, path).Code; got != want {
			t.Errorf("GET %s answers %d, want %d", path, got, want)
		}
	}
}

func TestPagesAreStrict(t *testing.T) {
	for _, path := range []string{"/", "/kitchen/" + restaurant, "/board/board.js"} {
		w := get(t, path)
		csp := w.Header().Get("Content-Security-Policy")
		for _, want := range []string{
			"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'",
			"form-action 'none'", "require-trusted-types-for 'script'", "connect-src 'self' ws://example.com wss://example.com;",
		} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy lacks %q: %s", path, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy is weak: %s", path, csp)
		}
		if got := w.Header().Get("Referrer-Policy"); got != "no-referrer" {
			t.Errorf("%s: Referrer-Policy is %q", path, got)
		}
		if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options is %q", path, got)
		}
	}
	for _, path := range []string{"/", "/kitchen/" + restaurant} {
		html := get(t, path).Body.String()
		for _, bad := range []string{"<style", "style=", "onload", "onerror", "http://", "https://"} {
			if strings.Contains(html, bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
		for _, script := range regexp.MustCompile(`(?s)<script.*?</script>`).FindAllString(html, -1) {
			if !regexp.MustCompile(`^<script( type="module")? src="[./]*board/\w+\.js"></script>$`).MatchString(script) {
				t.Errorf("%s holds a script of its own: %s", path, script)
			}
		}
	}
}

func TestForgedHostDoesNotReachThePolicy(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "a; script-src *"
	w := httptest.NewRecorder()
	board.Home().ServeHTTP(w, r)
	if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "*") {
		t.Errorf("the policy is %s", csp)
	}
}

func TestUnchangedFilesAreNotSentTwice(t *testing.T) {
	for _, path := range []string{"/", "/board/board.js", "/board/board.css"} {
		first := get(t, path)
		etag := first.Header().Get("ETag")
		if etag == "" || first.Header().Get("Cache-Control") != "no-cache" {
			t.Fatalf("%s: ETag %q, Cache-Control %q", path, etag, first.Header().Get("Cache-Control"))
		}
		if got := get(t, path, "If-None-Match", etag).Code; got != http.StatusNotModified {
			t.Errorf("%s with its own ETag answers %d, want 304", path, got)
		}
	}
}

// TestEmbeddedFilesAreBuiltFromTheSources needs no node: the build leaves the hashes of what it read and wrote.
func TestEmbeddedFilesAreBuiltFromTheSources(t *testing.T) {
	const rebuild = "; rebuild with: cd ws/board && npm ci && npm run build"
	raw, err := os.ReadFile("dist/manifest.json")
	if err != nil {
		t.Fatal(err, rebuild)
	}
	var want map[string]string
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err, rebuild)
	}
	var files []string
	for _, pattern := range []string{"build.mjs", "package.json", "package-lock.json", "client/*", "page/*", "dist/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	seen := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, ".test.js") || name == "dist/manifest.json" {
			continue
		}
		seen[name] = true
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if got := hex.EncodeToString(sum[:]); want[name] == "" {
			t.Errorf("%s is not known to the last build%s", name, rebuild)
		} else if got != want[name] {
			t.Errorf("%s has changed since the last build%s", name, rebuild)
		}
	}
	for name := range want {
		if !seen[name] {
			t.Errorf("%s is gone since the last build%s", name, rebuild)
		}
	}
}
