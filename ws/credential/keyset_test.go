package credential

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"kitchen/ws/credential/idptest"
)

func FuzzKeySet(f *testing.F) {
	for _, seed := range []string{idptest.KeySet(idptest.NewSigner(f, "a", jwt.SigningMethodES256).JWK(f)), idptest.KeySet(idptest.NewSigner(f, "b", jwt.SigningMethodEdDSA).JWK(f)),
		idptest.KeySet(idptest.NewSigner(f, "c", jwt.SigningMethodRS256).JWK(f)), `{"keys":[{"kty":"oct","k":"AAAA"}]}`, `{}`, `[]`, `null`,
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
