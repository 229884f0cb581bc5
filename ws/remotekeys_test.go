package ws

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"kitchen/db/order"
)

// keyAddress publishes keys, as an identity provider does.
type keyAddress struct {
	*httptest.Server
	mu     sync.Mutex
	answer string
	status int
	asked  int
}

func publish(t testing.TB) *keyAddress {
	a := &keyAddress{status: http.StatusOK}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.asked++
		w.WriteHeader(a.status)
		fmt.Fprint(w, a.answer)
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *keyAddress) say(status int, answer string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status, a.answer = status, answer
}

func (a *keyAddress) times() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}

func keySet(jwks ...string) string { return `{"keys":[` + strings.Join(jwks, ",") + `]}` }

// asJWK is a public key as a set has it, with more fields.
func asJWK(t testing.TB, key any, id, more string) string {
	t.Helper()
	options := jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: id}}
	if _, secret := key.([]byte); secret {
		options.Marshal.Private = true
	}
	jwk, err := jwkset.NewJWKFromKey(key, options)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(jwk.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(text), "}") + more + "}"
}

// follow reads the keys of an address until the test ends.
func (a *keyAddress) follow(t testing.TB, refresh time.Duration, log *slog.Logger) *RemoteKeys {
	t.Helper()
	r, err := NewRemoteKeys(RemoteConfig{URL: a.URL, Refresh: refresh, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return r
}

type signer struct {
	id      string
	method  jwt.SigningMethod
	private crypto.Signer
}

func newSigner(t testing.TB, id string, method jwt.SigningMethod) signer {
	t.Helper()
	var private crypto.Signer
	var err error
	switch method {
	case jwt.SigningMethodES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jwt.SigningMethodEdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	return signer{id, method, private}
}

func (s signer) jwk(t testing.TB) string { return asJWK(t, s.private.Public(), s.id, "") }

func (s signer) token(t testing.TB, user order.UserID) string {
	t.Helper()
	return s.tokenWith(t, user, s.id)
}

// tokenWith names a key: any JSON value, or none for nil.
func (s signer) tokenWith(t testing.TB, user order.UserID, kid any) string {
	t.Helper()
	token := jwt.NewWithClaims(s.method, jwt.MapClaims{"exp": time.Now().Add(time.Hour).Unix(), "user_id": string(user)})
	if kid != nil {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(s.private)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestKeysOfAnAddressAreTakenByNameAndMethod(t *testing.T) {
	t.Parallel()
	a := publish(t)
	es, ed, rs := newSigner(t, "es", jwt.SigningMethodES256), newSigner(t, "ed", jwt.SigningMethodEdDSA), newSigner(t, "rs", jwt.SigningMethodRS256)
	ps := signer{"rs", jwt.SigningMethodPS256, rs.private}
	stranger := newSigner(t, "es", jwt.SigningMethodES256)
	cipher, other := newSigner(t, "cipher", jwt.SigningMethodES256), newSigner(t, "other", jwt.SigningMethodRS256)
	secret := []byte("a secret that somebody published, of 32 bytes and more")
	a.say(200, keySet(`{"kty":"what"}`, `7`, es.jwk(t), ed.jwk(t), rs.jwk(t), asJWK(t, secret, "secret", ""),
		asJWK(t, cipher.private.Public(), "cipher", `,"use":"enc"`), asJWK(t, other.private.Public(), "other", `,"alg":"PS256"`)))
	remote := a.follow(t, time.Hour, nil)
	keys := mustRemote(t, remote)
	// These the address has been asked for already, in vain.
	eventually(t, "the first answer", remote.Known)
	for _, kid := range []string{"nobody", "", "secret", "cipher", "other"} {
		keys.verify(t.Context(), es.tokenWith(t, cook, kid))
	}
	remote.age()
	keys.verify(t.Context(), es.tokenWith(t, cook, "nobody"))

	// Whoever may choose the method could sign with what is public as if it were a secret.
	confused := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"exp": time.Now().Add(time.Hour).Unix(), "user_id": string(cook)})
	confusedWith := func(kid string, with []byte) string {
		confused.Header["kid"] = kid
		text, err := confused.SignedString(with)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, c := range []struct {
		name, token string
		ok          bool
	}{
		{"ES256", es.token(t, cook), true},
		{"EdDSA", ed.token(t, cook), true},
		{"RS256", rs.token(t, cook), true},
		{"no kid", es.tokenWith(t, cook, nil), true},
		{"an unknown kid", es.tokenWith(t, cook, "nobody"), false},
		{"an empty kid", es.tokenWith(t, cook, ""), false},
		{"another's kid", es.tokenWith(t, cook, "ed"), false},
		{"a kid that is no string", es.tokenWith(t, cook, 7), false},
		{"a stranger's key by a known name", stranger.token(t, cook), false},
		{"a stranger's key by no name", stranger.tokenWith(t, cook, nil), false},
		{"PS256 with a key for RS256", ps.token(t, cook), false},
		{"a key for encryption", cipher.token(t, cook), false},
		{"a key for another method", other.token(t, cook), false},
		{"HS256 with a published secret", confusedWith("secret", secret), false},
		{"HS256 with the PEM of a public key", confusedWith("rs", publicPEM(t, rs.private.Public())), false},
		{"rubbish", "a.b.c", false},
		{"nothing", "", false},
	} {
		_, why := keys.verify(t.Context(), c.token)
		if want := closeBadToken(); c.ok && why != noClosing() || !c.ok && why != want {
			t.Errorf("%s: %+v", c.name, why)
		}
	}
}

func TestKeysRotateWithoutAnybodyNoticing(t *testing.T) {
	t.Parallel()
	a := publish(t)
	old, next := newSigner(t, "2025", jwt.SigningMethodES256), newSigner(t, "2026", jwt.SigningMethodES256)
	a.say(200, keySet(old.jwk(t)))
	remote := a.follow(t, time.Second, nil)
	k := open(t, func(r *recipe) { r.Keys = mustRemote(t, remote) })
	first := k.dial(bistro, old.token(t, cook))
	first.want("initial_queue")

	a.say(200, keySet(old.jwk(t), next.jwk(t)))
	eventually(t, "the new key is known", func() bool { keys, _ := remote.find("2026", true); return len(keys) == 1 })
	second := k.dial(bistro, next.token(t, cook))
	second.want("initial_queue")
	renewed := k.dial(bistro, old.token(t, cook))
	renewed.want("initial_queue")
	renewed.send(`{"type":"authenticate","token":"` + next.token(t, cook) + `"}`)
	renewed.want("authenticated")
	first.send(`{"type":"list_recent"}`)
	first.want("recent_orders")

	// Withdrawn, it takes its displays with it, and nobody else's.
	a.say(200, keySet(next.jwk(t)))
	first.wantClose(4001)
	k.dialRefused(bistro, old.token(t, cook), 4001)
	for _, c := range []*client{second, renewed} {
		c.send(`{"type":"list_recent"}`)
		c.want("recent_orders")
	}

	// Another key under the same name is another key.
	again := newSigner(t, "2026", jwt.SigningMethodES256)
	a.say(200, keySet(again.jwk(t)))
	second.wantClose(4001)
	k.dial(bistro, again.token(t, cook)).want("initial_queue")
}

func mustRemote(t testing.TB, r *RemoteKeys) *Keys {
	t.Helper()
	keys, err := NewKeys(KeysConfig{Remote: r})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestKnownKeysOutliveAnOutageOfTheirAddress(t *testing.T) {
	t.Parallel()
	a := publish(t)
	s := newSigner(t, "a", jwt.SigningMethodEdDSA)
	a.say(200, keySet(s.jwk(t)))
	logs := &logRecorder{}
	remote := a.follow(t, time.Second, slog.New(slog.NewTextHandler(logs, nil)))
	k := open(t, func(r *recipe) { r.Keys = mustRemote(t, remote) })
	c := k.dial(bistro, s.token(t, cook))
	c.want("initial_queue")
	for status, answer := range map[int]string{
		500: `no`, 200: `{"keys":[]}`, 203: keySet(s.jwk(t)), 404: `{}`,
	} {
		a.say(status, answer)
		n := a.times()
		eventually(t, "it was asked again", func() bool { return a.times() > n+1 })
		k.dial(bistro, s.token(t, cook)).want("initial_queue")
		// A key that is not known may have been published meanwhile: nobody can say that its token is bad.
		k.dialRefused(bistro, s.tokenWith(t, cook, "new"), 1013)
	}
	c.send(`{"type":"list_recent"}`)
	c.want("recent_orders")
	if n := strings.Count(logs.String(), "cannot be read"); n != 1 {
		t.Errorf("an outage is logged %d times:\n%s", n, logs)
	}
	next := newSigner(t, "new", jwt.SigningMethodEdDSA)
	a.say(200, keySet(s.jwk(t), next.jwk(t)))
	eventually(t, "it is well again", func() bool { keys, _ := remote.find("new", true); return len(keys) == 1 })
	k.dial(bistro, next.token(t, cook)).want("initial_queue")
}

// A token with a new key's name does not have to wait for the next look; made up names do not make us ask all the time.
func TestUnknownKeysAreAskedForOnceInAWhile(t *testing.T) {
	t.Parallel()
	a := publish(t)
	s := newSigner(t, "a", jwt.SigningMethodEdDSA)
	a.say(200, keySet(s.jwk(t)))
	remote := a.follow(t, time.Hour, nil)
	keys := mustRemote(t, remote)
	eventually(t, "the first answer", remote.Known)
	remote.age()
	next := newSigner(t, "b", jwt.SigningMethodEdDSA)
	a.say(200, keySet(s.jwk(t), next.jwk(t)))
	if _, why := keys.verify(t.Context(), next.token(t, cook)); why != noClosing() {
		t.Errorf("a new key: %+v", why)
	}
	remote.age()
	before, began := a.times(), time.Now()
	var flood sync.WaitGroup
	for i := range 500 {
		token := s.tokenWith(t, cook, fmt.Sprint("made up ", i))
		flood.Go(func() {
			if _, why := keys.verify(t.Context(), token); why != closeBadToken() && why != closeUnavailable() {
				t.Errorf("a made up key: %+v", why)
			}
		})
	}
	flood.Wait()
	if n := a.times() - before; n < 1 || n > 1+int(time.Since(began)/unknownRest) {
		t.Errorf("500 made up keys had the address asked %d times", n)
	}
}

// age makes the last look at the address so old that an unknown key has it asked again.
func (r *RemoteKeys) age() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried = r.tried.Add(-unknownRest)
}

// A provider that rotates its keys signs with the new one at once. A token of it that comes right after a look at the
// address is not called bad, on which displays stop, before the address was asked for its key.
func TestNewKeyRightAfterALookIsToldToComeBack(t *testing.T) {
	t.Parallel()
	a := publish(t)
	old, next := newSigner(t, "old", jwt.SigningMethodEdDSA), newSigner(t, "next", jwt.SigningMethodEdDSA)
	a.say(200, keySet(old.jwk(t)))
	remote := a.follow(t, time.Hour, nil)
	k := open(t, func(r *recipe) { r.Keys = mustRemote(t, remote) })
	eventually(t, "the first answer", remote.Known)
	a.say(200, keySet(old.jwk(t), next.jwk(t)))
	for range 3 {
		k.dialRefused(bistro, next.token(t, cook), 1013)
	}
	k.dialRefused(bistro, old.tokenWith(t, cook, "made up"), 1013)
	c := k.dial(bistro, old.token(t, cook))
	c.want("initial_queue")
	c.send(`{"type":"authenticate","token":"` + next.token(t, cook) + `"}`)
	c.wantError("unavailable")
	if n := a.times(); n != 1 {
		t.Errorf("the address was asked %d times", n)
	}
	remote.age()
	k.dial(bistro, next.token(t, cook)).want("initial_queue")
	// One that was asked for in vain is bad from then on, also right after that look.
	k.dialRefused(bistro, old.tokenWith(t, cook, "made up"), 4001)
}

func TestAddressOfKeysHasToBeSafe(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://id.example.com/jwks": true, "http://127.0.0.1:1/jwks": true, "http://localhost/jwks": true, "http://[::1]/": true,
		"http://id.example.com/jwks": false, "http://127.0.0.1.example.com/": false, "ftp://localhost/": false, "id.example.com": false,
		"": false, "https://": false, "http://localhost@example.com/": false,
	} {
		if _, err := NewRemoteKeys(RemoteConfig{URL: address}); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := NewRemoteKeys(RemoteConfig{URL: "https://id.example.com/jwks", Refresh: time.Millisecond}); err == nil {
		t.Error("asking every millisecond was taken")
	}
	if _, err := NewKeys(KeysConfig{Secret: []byte(testSecret), Remote: &RemoteKeys{}}); err == nil {
		t.Error("a secret beside an address was taken")
	}
}

func TestAnswerOfAnAddressIsBounded(t *testing.T) {
	t.Parallel()
	a := publish(t)
	a.say(200, `{"keys":[`+strings.Repeat(" ", 1<<20)+`]}`)
	logs := &logRecorder{}
	remote := a.follow(t, time.Hour, slog.New(slog.NewTextHandler(logs, nil)))
	eventually(t, "it was refused", func() bool { return strings.Contains(logs.String(), "longer than") })
	if remote.Known() {
		t.Error("it was taken")
	}
}

// The address may hold a password, which is not for the log.
func TestAddressOfKeysIsNotLogged(t *testing.T) {
	t.Parallel()
	a := publish(t)
	address := strings.Replace(a.URL, "http://", "http://user:hunter2@", 1)
	a.Close()
	logs := &logRecorder{}
	r, err := NewRemoteKeys(RemoteConfig{URL: address, Log: slog.New(slog.NewTextHandler(logs, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.fetch(t.Context()); err == nil || strings.Contains(err.Error()+logs.String(), "hunter2") || logs.String() == "" {
		t.Errorf("%v; logged: %s", err, logs)
	}
}

func FuzzKeySet(f *testing.F) {
	for _, seed := range []string{keySet(newSigner(f, "a", jwt.SigningMethodES256).jwk(f)), keySet(newSigner(f, "b", jwt.SigningMethodEdDSA).jwk(f)),
		keySet(newSigner(f, "c", jwt.SigningMethodRS256).jwk(f)), `{"keys":[{"kty":"oct","k":"AAAA"}]}`, `{}`, `[]`, `null`,
		`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},7,null,{}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		keys, err := parseKeySet(body)
		if (err == nil) != (len(keys) > 0) || len(keys) > maxKeys {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, k := range keys {
			if k.fingerprint() == (&remoteKey{id: k.id}).fingerprint() {
				t.Errorf("a key without a fingerprint: %+v", k)
			}
			switch k.verify.(type) {
			case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
			default:
				t.Errorf("a key of type %T", k.verify)
			}
		}
	})
}
