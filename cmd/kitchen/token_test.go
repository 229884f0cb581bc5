package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"kitchen/cmd/kitchen/database"
	"kitchen/db/dbtest"
)

func TestTokenLetsADisplayIn(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	s := startServe(t, onDatabase(url)...)
	for _, who := range []string{"anna", string(h.user), strings.ToUpper(string(h.user))} {
		token, errs, code := kitchen(t, onDatabase(url), "token", who, "--for", "5m")
		link := "board: http://127.0.0.1:8080/kitchen/" + string(h.restaurant) + "#token=" + token
		if code != 0 || errs != link || strings.Count(token, "\n") != 1 {
			t.Fatalf("token %s: exit code %d, %q, %s", who, code, token, errs)
		}
		connect(t, s.socket(h.restaurant), strings.TrimSpace(token)).untilType(t, "initial_queue")
	}
	_, errs, _ := kitchen(t, onDatabase(url), "token", "anna", "--url", "wss://example.com")
	if want := "board: https://example.com/kitchen/" + string(h.restaurant) + "#token="; !strings.HasPrefix(errs, want) {
		t.Errorf("of another node the link is %q, want %s…", errs, want)
	}
	for _, c := range []struct{ env, at string }{
		{"KITCHEN_LISTEN=:9091", "http://127.0.0.1:9091/"},
		{"KITCHEN_LISTEN=0.0.0.0:9091", "http://127.0.0.1:9091/"},
		{"KITCHEN_LISTEN=[::]:9091", "http://127.0.0.1:9091/"},
		{"KITCHEN_LISTEN=kds.example.com:9091 KITCHEN_TLS_CERT=x.pem", "https://kds.example.com:9091/"},
		{"KITCHEN_LISTEN=127.0.0.1:0", "http://127.0.0.1:8080/"},
		{"KITCHEN_LISTEN=:9091 KITCHEN_URL=wss://example.com", "https://example.com/"},
	} {
		if _, errs, _ := kitchen(t, append(onDatabase(url), strings.Fields(c.env)...), "token", "anna"); !strings.HasPrefix(errs, "board: "+c.at) {
			t.Errorf("with %s the link is %q, want %s…", c.env, errs, c.at)
		}
	}
	expired, _, _ := kitchen(t, onDatabase(url), "token", "anna", "--for", "1ns")
	d := connect(t, s.socket(h.restaurant), strings.TrimSpace(expired))
	if _, _, err := d.ReadMessage(); !websocket.IsCloseError(err, 4001) {
		t.Errorf("an expired token: %v", err)
	}
}

func TestTokenWarnsOfUsersWhoWillBeRefused(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "anna")
	h.ask(t, `update users set is_active = false where username = 'anna' returning ''`)
	const nobody = "0b6a9c1e-2f0d-4c57-9a55-0d1f6a3a8f10"
	away := []string{"DATABASE_URL=postgres://x:hunter2@127.0.0.1:1/x", "KITCHEN_JWT_SECRET=" + testSecret}
	for _, c := range []struct {
		env       []string
		who, want string
	}{
		{onDatabase(url), "anna", "anna is not active"},
		{onDatabase(url), string(h.user), "anna is not active"},
		{onDatabase(url), nobody, "there is no user " + nobody},
		{away, nobody, "is not known"},
	} {
		token, errs, code := kitchen(t, c.env, "token", c.who)
		if code != 0 || strings.Count(token, ".") != 2 || !strings.Contains(errs, "warning: ") || !strings.Contains(errs, c.want) {
			t.Errorf("token %s: exit code %d, %q, %s", c.who, code, token, errs)
		}
		if strings.Contains(errs, "hunter2") {
			t.Errorf("a password is printed: %s", errs)
		}
	}
}

func TestPrivateSecretIsMadeOnceAndForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	var racing sync.WaitGroup
	var secrets [8]string
	for i := range secrets {
		racing.Go(func() {
			secret, err := database.PrivateSecret(dir)
			if err != nil {
				t.Error(err)
			}
			secrets[i] = secret
		})
	}
	racing.Wait()
	for _, s := range secrets {
		if len(s) < 32 || s != secrets[0] {
			t.Errorf("secrets %q", secrets)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("files: %v, %v", files, err)
	}
	info, err := files[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, files[0].Name()), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := database.PrivateSecret(dir); err == nil {
		t.Errorf("a secret that was cut short is used: %q", s)
	}
}
