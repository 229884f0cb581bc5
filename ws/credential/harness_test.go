package credential

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"kitchen/db/order"
	"kitchen/ws/credential/idptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// This is the secret and the user of the tests.
const (
	testSecret              = "0123456789abcdefghijklmnopqrstuv"
	cook       order.UserID = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
)

// noon is the time of these tests.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func mustKeys(t testing.TB, cfg KeysConfig) *Keys {
	t.Helper()
	cfg.Now = noon
	k, err := NewKeys(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func publicPEM(t testing.TB, key crypto.PublicKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func jwtSegment(s string) string { return (&jwt.Token{}).EncodeSegment([]byte(s)) }

// follow reads the keys of an address until the test ends. It returns after the first answer.
func follow(t testing.TB, a *idptest.Provider, refresh time.Duration) *RemoteKeys {
	t.Helper()
	r, err := NewRemoteKeys(RemoteConfig{URL: a.URL, Refresh: refresh})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	if _, answer := r.find("", true); answer != nil {
		<-answer
	}
	return r
}

// logRecorder keeps everything that was logged.
type logRecorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logRecorder) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logRecorder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
