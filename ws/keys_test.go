package ws

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kitchen/ws/closing"
	"kitchen/ws/credential"
	"kitchen/ws/credential/idptest"
)

// follow reads the keys of an address until the test ends.
func follow(t testing.TB, a *idptest.Provider, refresh time.Duration, log *slog.Logger) *credential.RemoteKeys {
	t.Helper()
	r, err := credential.NewRemoteKeys(credential.RemoteConfig{URL: a.URL, Refresh: refresh, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return r
}

func keysOf(t testing.TB, r *credential.RemoteKeys) *credential.Keys {
	t.Helper()
	keys, err := credential.NewKeys(credential.KeysConfig{Remote: r})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func takes(keys *credential.Keys, token string) func() bool {
	return func() bool {
		_, why := keys.Verify(context.Background(), token)
		return why == closing.None()
	}
}

func TestKeysRotateWithoutAnybodyNoticing(t *testing.T) {
	t.Parallel()
	a := idptest.New(t)
	old, next := idptest.NewSigner(t, "2025", jwt.SigningMethodES256), idptest.NewSigner(t, "2026", jwt.SigningMethodES256)
	a.Publish(old.JWK(t))
	remote := follow(t, a, time.Second, nil)
	k := open(t, func(r *recipe) { r.Keys = keysOf(t, remote) })
	first := k.dial(bistro, old.Token(t, cook))
	first.want("initial_queue")

	a.Publish(old.JWK(t), next.JWK(t))
	eventually(t, "the new key is known", takes(keysOf(t, remote), next.Token(t, cook)))
	second := k.dial(bistro, next.Token(t, cook))
	second.want("initial_queue")
	renewed := k.dial(bistro, old.Token(t, cook))
	renewed.want("initial_queue")
	renewed.send(`{"type":"authenticate","token":"` + next.Token(t, cook) + `"}`)
	renewed.want("authenticated")
	first.send(`{"type":"list_recent"}`)
	first.want("recent_orders")

	// Withdrawn, it takes its displays with it, and nobody else's.
	a.Publish(next.JWK(t))
	first.wantClose(4001)
	k.dialRefused(bistro, old.Token(t, cook), 4001)
	for _, c := range []*client{second, renewed} {
		c.send(`{"type":"list_recent"}`)
		c.want("recent_orders")
	}

	// Another key under the same name is another key.
	again := idptest.NewSigner(t, "2026", jwt.SigningMethodES256)
	a.Publish(again.JWK(t))
	second.wantClose(4001)
	k.dial(bistro, again.Token(t, cook)).want("initial_queue")
}

func TestKnownKeysOutliveAnOutageOfTheirAddress(t *testing.T) {
	t.Parallel()
	a := idptest.New(t)
	s := idptest.NewSigner(t, "a", jwt.SigningMethodEdDSA)
	a.Publish(s.JWK(t))
	logs := &logRecorder{}
	remote := follow(t, a, time.Second, slog.New(slog.NewTextHandler(logs, nil)))
	k := open(t, func(r *recipe) { r.Keys = keysOf(t, remote) })
	c := k.dial(bistro, s.Token(t, cook))
	c.want("initial_queue")
	for status, answer := range map[int]string{
		500: `no`, 200: `{"keys":[]}`, 203: idptest.KeySet(s.JWK(t)), 404: `{}`,
	} {
		a.Answer(status, answer)
		n := a.Asked()
		eventually(t, "it was asked again", func() bool { return a.Asked() > n+1 })
		k.dial(bistro, s.Token(t, cook)).want("initial_queue")
		// A key that is not known may have been published meanwhile: nobody can say that its token is bad.
		k.dialRefused(bistro, s.TokenWith(t, cook, "new"), 1013)
	}
	c.send(`{"type":"list_recent"}`)
	c.want("recent_orders")
	if n := strings.Count(logs.String(), "cannot be read"); n != 1 {
		t.Errorf("an outage is logged %d times:\n%s", n, logs)
	}
	next := idptest.NewSigner(t, "new", jwt.SigningMethodEdDSA)
	a.Publish(s.JWK(t), next.JWK(t))
	eventually(t, "it is well again", takes(keysOf(t, remote), next.Token(t, cook)))
	k.dial(bistro, next.Token(t, cook)).want("initial_queue")
}

// A provider that rotates its keys signs with the new one at once. A token of it that comes right after a look at the
// address is not called bad, on which displays stop, before the address was asked for its key.
func TestNewKeyRightAfterALookIsToldToComeBack(t *testing.T) {
	t.Parallel()
	a := idptest.New(t)
	old, next := idptest.NewSigner(t, "old", jwt.SigningMethodEdDSA), idptest.NewSigner(t, "next", jwt.SigningMethodEdDSA)
	a.Publish(old.JWK(t))
	remote := follow(t, a, time.Hour, nil)
	k := open(t, func(r *recipe) { r.Keys = keysOf(t, remote) })
	eventually(t, "the first answer", remote.Known)
	a.Publish(old.JWK(t), next.JWK(t))
	for range 3 {
		k.dialRefused(bistro, next.Token(t, cook), 1013)
	}
	k.dialRefused(bistro, old.TokenWith(t, cook, "made up"), 1013)
	c := k.dial(bistro, old.Token(t, cook))
	c.want("initial_queue")
	c.send(`{"type":"authenticate","token":"` + next.Token(t, cook) + `"}`)
	c.wantError("unavailable")
	if n := a.Asked(); n != 1 {
		t.Errorf("the address was asked %d times", n)
	}
}
