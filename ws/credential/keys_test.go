package credential

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"kitchen/ws/closing"
)

func TestPublicKeysCanBeRotated(t *testing.T) {
	t.Parallel()
	old, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	next, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": string(cook)}
	both := append(publicPEM(t, &old.PublicKey), publicPEM(t, &next.PublicKey)...)
	for _, key := range []*ecdsa.PrivateKey{old, next} {
		token := sign(t, jwt.SigningMethodES256, key, claims)
		if _, why := mustKeys(t, KeysConfig{PublicKeyPEM: both}).Verify(t.Context(), token); why != closing.None() {
			t.Errorf("with both keys: %+v", why)
		}
		_, why := mustKeys(t, KeysConfig{PublicKeyPEM: publicPEM(t, &next.PublicKey)}).Verify(t.Context(), token)
		if (why == closing.None()) != (key == next) {
			t.Errorf("with the new key alone: %+v", why)
		}
	}
}

func TestSecretsCanBeRotated(t *testing.T) {
	t.Parallel()
	next := []byte("another secret, as long as that one")
	claims := jwt.MapClaims{"exp": noon().Add(time.Hour).Unix(), "user_id": string(cook)}
	for _, secret := range [][]byte{[]byte(testSecret), next} {
		token := sign(t, jwt.SigningMethodHS256, secret, claims)
		if _, why := mustKeys(t, KeysConfig{Secret: next, OldSecrets: [][]byte{[]byte(testSecret)}}).Verify(t.Context(), token); why != closing.None() {
			t.Errorf("with both secrets: %+v", why)
		}
		_, why := mustKeys(t, KeysConfig{Secret: next}).Verify(t.Context(), token)
		if (why == closing.None()) != (string(secret) == string(next)) {
			t.Errorf("with the new secret alone: %+v", why)
		}
	}
}

func TestWeakAndMixedKeysAreRefused(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(good)
	if err != nil {
		t.Fatal(err)
	}
	goodPEM := publicPEM(t, &good.PublicKey)
	for name, cfg := range map[string]KeysConfig{
		"nothing":               {},
		"an empty secret":       {Secret: []byte{}},
		"31 bytes":              {Secret: []byte(testSecret[:31])},
		"a placeholder":         {Secret: []byte("please-change-me-in-production-0123456789")},
		"a tutorial's":          {Secret: []byte("A-string-secret-at-least-256-bits-long")},
		"a short old one":       {Secret: []byte(testSecret), OldSecrets: [][]byte{[]byte("short")}},
		"an old one alone":      {OldSecrets: [][]byte{[]byte(testSecret)}},
		"old ones beside a key": {PublicKeyPEM: goodPEM, OldSecrets: [][]byte{[]byte(testSecret)}},
		"a repeated word":       {Secret: []byte("changemechangemechangemechangemechangeme")},
		"zeros":                 {Secret: make([]byte, 64)},
		"both":                  {Secret: []byte(testSecret), PublicKeyPEM: goodPEM},
		"no PEM":                {PublicKeyPEM: []byte("hello")},
		"a private key":         {PublicKeyPEM: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})},
		"a broken key":          {PublicKeyPEM: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")})},
		"RSA of 1024 bits":      {PublicKeyPEM: publicPEM(t, &short.PublicKey)},
		"P-384":                 {PublicKeyPEM: publicPEM(t, &curve.PublicKey)},
		"two kinds":             {PublicKeyPEM: append(append([]byte{}, goodPEM...), publicPEM(t, public)...)},
		"rubbish after a key":   {PublicKeyPEM: append(append([]byte{}, goodPEM...), "rubbish"...)},
		"a key, and a private":  {PublicKeyPEM: append(append([]byte{}, goodPEM...), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)},
	} {
		if _, err := NewKeys(cfg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func FuzzPublicKeys(f *testing.F) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		f.Fatal(err)
	}
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	for _, public := range []any{&ec.PublicKey, &rs.PublicKey, ed} {
		f.Add(publicPEM(f, public))
	}
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := parsePublicKeys(text)
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, k := range keys {
			if k.method != keys[0].method {
				t.Errorf("a mix of %s and %s", k.method, keys[0].method)
			}
		}
	})
}
