package idptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"kitchen/db/order"
)

// Signer signs tokens with a key of its own.
type Signer struct {
	ID      string // kid
	Method  jwt.SigningMethod
	Private crypto.Signer
}

// NewSigner makes a key for ES256, EdDSA, or else RSA.
func NewSigner(t testing.TB, id string, method jwt.SigningMethod) Signer {
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
	return Signer{id, method, private}
}

// JWK is the signer's public key, as a key set has it.
func (s Signer) JWK(t testing.TB) string { return JWK(t, s.Private.Public(), s.ID, "") }

// Token is a user's token for an hour.
func (s Signer) Token(t testing.TB, user order.UserID) string {
	t.Helper()
	return s.TokenWith(t, user, s.ID)
}

// TokenWith is a token that names a key: any JSON value, or none for nil.
func (s Signer) TokenWith(t testing.TB, user order.UserID, kid any) string {
	t.Helper()
	token := jwt.NewWithClaims(s.Method, jwt.MapClaims{"exp": time.Now().Add(time.Hour).Unix(), "user_id": string(user)})
	if kid != nil {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(s.Private)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// JWK is a key as a set has it, with more fields, each after a comma. A []byte is a secret.
func JWK(t testing.TB, key any, id, more string) string {
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
