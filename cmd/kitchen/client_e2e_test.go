package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/ws/credential"
)

// TestBrowserClientAgainstTheRealServer runs the browser client under node, against this program and a database. Its
// promises stand in ws/board/client/server.test.js.
func TestBrowserClientAgainstTheRealServer(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("no node on this machine, 18 or later; on Debian or Ubuntu: apt-get install -y nodejs")
	}
	url := dbtest.New(t)
	node := spawn(t, onDatabase(url), "serve", "--listen", "127.0.0.1:0")
	address := node.line(t, "http://")
	h, other := newHouse(t, url, "ana"), newHouse(t, url, "bea")

	// What the client's tests want done to the world.
	mux := http.NewServeMux()
	run := func(w http.ResponseWriter, r *http.Request) {
		sql, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = h.pool.Exec(r.Context(), string(sql))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
	mux.HandleFunc("POST /sql", run)
	mux.HandleFunc("POST /restart", func(w http.ResponseWriter, r *http.Request) {
		_ = node.cmd.Process.Kill()
		_ = node.cmd.Wait()
		run(w, r)
		node = spawn(t, onDatabase(url), "serve", "--listen", strings.TrimPrefix(address, "http://"))
	})
	// A token that ends soon, made when it is needed: a slow machine may need longer to come there than it lasts.
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		short, err := credential.SignToken([]byte(testSecret), h.user, time.Now().Add(10*time.Second))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, short)
	})
	control := httptest.NewServer(mux)
	defer control.Close()

	env, err := json.Marshal(map[string]string{
		"url": address, "restaurant": string(h.restaurant), "other": string(other.restaurant), "token": h.token(t),
		"control": control.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*waitLimit)
	defer cancel()
	tests := exec.CommandContext(ctx, program, "--test", "client/server.test.js")
	tests.Dir = "../../ws/board"
	tests.Env = append(os.Environ(), "KITCHEN_TEST="+string(env))
	tests.WaitDelay = time.Second
	out, err := tests.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(string(out), "# pass 7") {
		t.Errorf("not all of the 7 tests of the client ran:\n%s", out)
	}
}
