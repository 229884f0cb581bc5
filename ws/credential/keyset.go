package credential

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"

	"github.com/MicahParks/jwkset"
)

// maxKeys of a key set are taken: a token that names none is tried with each.
const maxKeys = 32

// remoteKey is a key of a JSON Web Key Set (RFC 7517).
type remoteKey struct {
	Key
	id string // kid
}

// parseKeySet takes those keys of a set that can verify tokens here. The others are for other uses, methods or
// kinds, or a secret, which must not be published. A set without any is an error, so that a fault at the address withdraws no key.
func parseKeySet(body []byte) ([]*remoteKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, errors.New("the answer is not a JSON Web Key Set")
	}
	var found []*remoteKey
	for _, raw := range set.Keys[:min(len(set.Keys), maxKeys)] {
		if k := parseKey(raw); k != nil {
			found = append(found, k)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("none of the keys in the answer is an RSA, P-256 or Ed25519 key for signatures")
	}
	return found, nil
}

func parseKey(raw json.RawMessage) *remoteKey {
	jwk, err := jwkset.NewJWKFromRawJSON(raw, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return nil
	}
	says := jwk.Marshal()
	if says.USE != "" && says.USE != jwkset.UseSig {
		return nil
	}
	public, err := newPublicKey(jwk.Key())
	if err != nil || says.ALG != "" && says.ALG.String() != public.method {
		return nil
	}
	return &remoteKey{Key: Key{method: public.method, verify: public.verify}, id: says.KID}
}

// fingerprint identifies a key by its contents: a later key may have the same id.
func (k *remoteKey) fingerprint() [sha256.Size]byte {
	der, _ := x509.MarshalPKIXPublicKey(k.verify) // which takes every kind that newPublicKey does
	return sha256.Sum256(append(der, k.id...))
}
