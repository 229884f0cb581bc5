package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kitchen/db/dbtest"
)

// provider is an identity provider: it publishes keys and signs with them.
type provider struct {
	*httptest.Server
	mu        sync.Mutex
	published map[string]ed25519.PublicKey // by kid; nil means that it does not answer
	secrets   map[string]ed25519.PrivateKey
}

func newIdentityProvider(t *testing.T) *provider {
	p := &provider{secrets: map[string]ed25519.PrivateKey{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.published == nil {
			http.Error(w, "away", http.StatusBadGateway)
			return
		}
		var keys []string
		for id, key := range p.published {
			keys = append(keys, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":%q,"x":%q}`,
				id, base64.RawURLEncoding.EncodeToString(key)))
		}
		fmt.Fprintf(w, `{"keys":[%s]}`, strings.Join(keys, ","))
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) publish(t *testing.T, ids ...string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.published = nil
	for _, id := range ids {
		if p.secrets[id] == nil {
			_, secret, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			p.secrets[id] = secret
		}
		if p.published == nil {
			p.published = map[string]ed25519.PublicKey{}
		}
		p.published[id] = p.secrets[id].Public().(ed25519.PublicKey)
	}
}

func (p *provider) token(t *testing.T, h house, id string, more jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{"exp": time.Now().Add(time.Hour).Unix(), "user_id": string(h.user), "iss": "till", "aud": []string{"kitchen", "other"}}
	for name, value := range more {
		claims[name] = value
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["kid"] = id
	text, err := token.SignedString(p.secrets[id])
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Keys are rotated where they are published, and nothing is restarted.
func TestKeysOfAnIdentityProviderAreFollowed(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	p := newIdentityProvider(t)
	p.publish(t, "one") // to nobody yet
	p.publish(t)
	env := []string{"DATABASE_URL=" + url, "KITCHEN_JWKS_URL=" + p.URL, "KITCHEN_JWKS_REFRESH=1s", "KITCHEN_JWT_ISSUER=till", "KITCHEN_JWT_AUDIENCE=kitchen"}

	// Before the first answer no token is accepted, and none is called bad.
	n := &served{running: start(t, env, "serve", "--listen", "127.0.0.1:0")}
	n.url = n.line(t, "http://")
	first := p.token(t, h, "one", nil)
	if got := open(t, n, h, first).closed(); got != 1013 {
		t.Errorf("before the first answer: closed with %d", got)
	}
	if status, body := n.get(t, "/readyz"); status != 503 || !strings.Contains(body, "keys") {
		t.Errorf("readyz answers %d %s", status, body)
	}
	p.publish(t, "one")
	n.await(t, "/readyz", 200)
	d := open(t, n, h, first)
	d.next()

	for claim, value := range map[string]any{"iss": "other", "aud": "other", "exp": "tomorrow"} {
		if got := open(t, n, h, p.token(t, h, "one", jwt.MapClaims{claim: value})).closed(); got != 4001 {
			t.Errorf("%s %v: closed with %d", claim, value, got)
		}
	}
	p.publish(t, "one", "two")
	deadline := time.Now().Add(waitLimit)
	next := open(t, n, h, p.token(t, h, "two", nil))
	for _ = next.conn.SetReadDeadline(deadline); ; next = open(t, n, h, p.token(t, h, "two", nil)) { // nothing signals that the keys were read
		if _, _, err := next.conn.ReadMessage(); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	p.publish(t) // an outage changes nothing
	again := open(t, n, h, first)
	again.next()
	p.publish(t, "two")
	for _, d := range []*frames{d, again} {
		if got := d.closed(); got != 4001 {
			t.Errorf("with a key that was withdrawn: closed with %d", got)
		}
	}
	h.order(t, "goes on")
	if m := next.next(); m["type"] != "order_created" {
		t.Errorf("the other key's display received %v", m)
	}
}

func TestSecretIsRotatedWithTheOldOneStillGood(t *testing.T) {
	t.Parallel()
	url := dbtest.New(t)
	h := newHouse(t, url, "ana")
	const next = "the next secret of these tests, of 40 bytes"
	old := h.token(t)
	n := startServe(t, "DATABASE_URL="+url, "KITCHEN_JWT_SECRET="+next, "KITCHEN_JWT_OLD_SECRETS="+testSecret)
	open(t, n, h, old).next()
	token, errs, code := kitchen(t, []string{"DATABASE_URL=" + url, "KITCHEN_JWT_SECRET=" + next}, "token", "ana")
	if code != 0 {
		t.Fatal(errs)
	}
	open(t, n, h, strings.TrimSpace(token)).next()
	later := startServe(t, "DATABASE_URL="+url, "KITCHEN_JWT_SECRET="+next)
	if got := open(t, later, h, old).closed(); got != 4001 {
		t.Errorf("after the rotation: closed with %d", got)
	}
}
