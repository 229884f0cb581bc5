package credential

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kitchen/ws/closing"
	"kitchen/ws/credential/idptest"
)

func TestKeysOfAnAddressAreTakenByNameAndMethod(t *testing.T) {
	t.Parallel()
	a := idptest.New(t)
	es, ed, rs := idptest.NewSigner(t, "es", jwt.SigningMethodES256), idptest.NewSigner(t, "ed", jwt.SigningMethodEdDSA), idptest.NewSigner(t, "rs", jwt.SigningMethodRS256)
	ps := idptest.Signer{ID: "rs", Method: jwt.SigningMethodPS256, Private: rs.Private}
	stranger := idptest.NewSigner(t, "es", jwt.SigningMethodES256)
	cipher, other := idptest.NewSigner(t, "cipher", jwt.SigningMethodES256), idptest.NewSigner(t, "other", jwt.SigningMethodRS256)
	secret := []byte("a secret that somebody published, of 32 bytes and more")
	a.Answer(200, idptest.KeySet(`{"kty":"what"}`, `7`, es.JWK(t), ed.JWK(t), rs.JWK(t), idptest.JWK(t, secret, "secret", ""),
		idptest.JWK(t, cipher.Private.Public(), "cipher", `,"use":"enc"`), idptest.JWK(t, other.Private.Public(), "other", `,"alg":"PS256"`)))
	remote := follow(t, a, time.Hour)
	keys := mustRemote(t, remote)
	// These the address has been asked for already, in vain.
	for _, kid := range []string{"nobody", "", "secret", "cipher", "other"} {
		keys.Verify(t.Context(), es.TokenWith(t, cook, kid))
	}
	remote.age()
	keys.Verify(t.Context(), es.TokenWith(t, cook, "nobody"))

	// A token that may choose its method could be signed with the public key as if that were a secret.
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
		{"ES256", es.Token(t, cook), true},
		{"EdDSA", ed.Token(t, cook), true},
		{"RS256", rs.Token(t, cook), true},
		{"no kid", es.TokenWith(t, cook, nil), true},
		{"an unknown kid", es.TokenWith(t, cook, "nobody"), false},
		{"an empty kid", es.TokenWith(t, cook, ""), false},
		{"another's kid", es.TokenWith(t, cook, "ed"), false},
		{"a kid that is no string", es.TokenWith(t, cook, 7), false},
		{"a stranger's key by a known name", stranger.Token(t, cook), false},
		{"a stranger's key by no name", stranger.TokenWith(t, cook, nil), false},
		{"PS256 with a key for RS256", ps.Token(t, cook), false},
		{"a key for encryption", cipher.Token(t, cook), false},
		{"a key for another method", other.Token(t, cook), false},
		{"HS256 with a published secret", confusedWith("secret", secret), false},
		{"HS256 with the PEM of a public key", confusedWith("rs", publicPEM(t, rs.Private.Public())), false},
		{"rubbish", "a.b.c", false},
		{"nothing", "", false},
	} {
		_, why := keys.Verify(t.Context(), c.token)
		if want := closing.BadToken(); c.ok && why != closing.None() || !c.ok && why != want {
			t.Errorf("%s: %+v", c.name, why)
		}
	}
}

// A token with a new key's name does not have to wait for the next look; made up names do not make us ask all the time.
func TestUnknownKeysAreAskedForOnceInAWhile(t *testing.T) {
	t.Parallel()
	a := idptest.New(t)
	s := idptest.NewSigner(t, "a", jwt.SigningMethodEdDSA)
	a.Publish(s.JWK(t))
	remote := follow(t, a, time.Hour)
	keys := mustRemote(t, remote)
	remote.age()
	next := idptest.NewSigner(t, "b", jwt.SigningMethodEdDSA)
	a.Publish(s.JWK(t), next.JWK(t))
	if _, why := keys.Verify(t.Context(), next.Token(t, cook)); why != closing.None() {
		t.Errorf("a new key: %+v", why)
	}
	remote.age()
	before, began := a.Asked(), time.Now()
	var flood sync.WaitGroup
	for i := range 500 {
		token := s.TokenWith(t, cook, fmt.Sprint("made up ", i))
		flood.Go(func() {
			if _, why := keys.Verify(t.Context(), token); why != closing.BadToken() && why != closing.Unavailable() {
				t.Errorf("a made up key: %+v", why)
			}
		})
	}
	flood.Wait()
	if n := a.Asked() - before; n < 1 || n > 1+int(time.Since(began)/unknownRest) {
		t.Errorf("500 made up keys had the address asked %d times", n)
	}
}

// A kid that was asked for in vain is bad from then on; before, its key may have been published since.
func TestKidIsBadOnceItWasAskedForInVain(t *testing.T) {
	t.Parallel()
	a := idptest.New(t)
	old, next := idptest.NewSigner(t, "old", jwt.SigningMethodEdDSA), idptest.NewSigner(t, "next", jwt.SigningMethodEdDSA)
	a.Publish(old.JWK(t))
	remote := follow(t, a, time.Hour)
	keys := mustRemote(t, remote)
	a.Publish(old.JWK(t), next.JWK(t))
	want := func(token string, want closing.Reason) {
		t.Helper()
		if _, why := keys.Verify(t.Context(), token); why != want {
			t.Errorf("%+v, want %+v", why, want)
		}
	}
	want(next.Token(t, cook), closing.Unavailable())
	want(old.TokenWith(t, cook, "made up"), closing.Unavailable())
	remote.age()
	want(next.Token(t, cook), closing.None())
	want(old.TokenWith(t, cook, "made up"), closing.BadToken())
}

// age makes the last look at the address so old that an unknown key has it asked again.
func (r *RemoteKeys) age() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried = r.tried.Add(-unknownRest)
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
	a := idptest.New(t)
	a.Answer(200, `{"keys":[`+strings.Repeat(" ", 1<<20)+`]}`)
	remote := follow(t, a, time.Hour)
	if err := remote.fetch(t.Context()); err == nil || !strings.Contains(err.Error(), "longer than") || remote.Known() {
		t.Errorf("it was taken: %v", err)
	}
}

// The address may hold a password, which is not for the log.
func TestAddressOfKeysIsNotLogged(t *testing.T) {
	t.Parallel()
	a := idptest.New(t)
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

func mustRemote(t testing.TB, r *RemoteKeys) *Keys {
	t.Helper()
	keys, err := NewKeys(KeysConfig{Remote: r})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
