package credential

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// minSecret is the least that HS256 should be given: as many bytes as its hash has (RFC 7518 section 3.2).
const minSecret = 32

// clockSkew is how far another server's clock may be ahead when it says from when on a token is valid.
const clockSkew = 30 * time.Second

// KeysConfig says which tokens are accepted: those signed with a secret, or those for a public key, from a file or from an address.
// Exactly one of the three is set.
type KeysConfig struct {
	Secret       []byte           // for HS256, at least 32 bytes
	OldSecrets   [][]byte         // taken besides Secret, while secrets are rotated
	PublicKeyPEM []byte           // RSA for RS256, P-256 for ES256 or Ed25519; several of one kind while keys are rotated
	Remote       *RemoteKeys      // of any of those kinds
	Issuer       string           // if set, the iss that a token must have
	Audience     string           // if set, the aud that a token must hold
	MaxToken     int              // bytes beyond which a token is refused unread; 4 KiB
	MaxLife      time.Duration    // if set, the longest time that a token may still be good for
	Now          func() time.Time // time.Now
}

// Keys verify tokens. The signing method is fixed by the key, never taken from a token: a token that chooses its method
// could turn a public key into a secret.
type Keys struct {
	keys     []*Key      // empty where they are remote
	remote   *RemoteKeys // or nil
	parser   *jwt.Parser
	maxToken int
	maxLife  time.Duration
	now      func() time.Time
}

// Key verifies the tokens of one method.
type Key struct {
	method string
	verify any // []byte, *rsa.PublicKey, *ecdsa.PublicKey or ed25519.PublicKey

	withdrawn atomic.Bool
}

// Withdrawn reports whether the key's address does not publish it any more: then no token that it verified is valid. A nil key, which a
// device token has, is never withdrawn.
func (k *Key) Withdrawn() bool { return k != nil && k.withdrawn.Load() }

// ErrSeveralKinds is returned where a secret, a public key and an address of keys are not the only one given.
var ErrSeveralKinds = errors.New("signing key: give a secret, a public key or the address of keys, and only one of them")

// NoKeys verify no token: only devices with a token of their own connect.
func NoKeys() *Keys { return &Keys{maxToken: 4 << 10} }

// NewKeys refuses a secret that can be guessed, a key that it does not know, and a mix of kinds.
func NewKeys(cfg KeysConfig) (*Keys, error) {
	k := &Keys{remote: cfg.Remote, maxToken: cfg.MaxToken, maxLife: cfg.MaxLife, now: cfg.Now}
	if k.now == nil {
		k.now = time.Now
	}
	if k.maxToken == 0 {
		k.maxToken = 4 << 10
	}

	given := 0
	for _, is := range []bool{len(cfg.Secret) > 0, len(cfg.PublicKeyPEM) > 0, cfg.Remote != nil} {
		if is {
			given++
		}
	}
	methods := []string{jwt.SigningMethodHS256.Alg()}
	switch {
	case given > 1:
		return nil, ErrSeveralKinds
	case cfg.Remote != nil:
		methods = []string{jwt.SigningMethodRS256.Alg(), jwt.SigningMethodES256.Alg(), jwt.SigningMethodEdDSA.Alg()}
	case len(cfg.PublicKeyPEM) > 0:
		var err error
		if k.keys, err = parsePublicKeys(cfg.PublicKeyPEM); err != nil {
			return nil, fmt.Errorf("public key: %w", err)
		}
		methods = []string{k.keys[0].method}
	default:
		for _, secret := range append([][]byte{cfg.Secret}, cfg.OldSecrets...) {
			if err := checkSecret(secret); err != nil {
				return nil, err
			}
			k.keys = append(k.keys, &Key{method: methods[0], verify: secret})
		}
	}
	if len(cfg.OldSecrets) > 0 && len(cfg.Secret) == 0 {
		return nil, errors.New("signing secret: old ones are given, and no new one")
	}

	options := []jwt.ParserOption{
		jwt.WithValidMethods(methods),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(k.now),
		jwt.WithStrictDecoding(),
	}
	if cfg.Issuer != "" {
		options = append(options, jwt.WithIssuer(cfg.Issuer))
	}
	if cfg.Audience != "" {
		options = append(options, jwt.WithAudience(cfg.Audience))
	}
	k.parser = jwt.NewParser(options...)
	return k, nil
}

// checkSecret also refuses secrets like a placeholder written a few times in a row, which have the length and nothing else.
func checkSecret(secret []byte) error {
	if len(secret) < minSecret {
		return fmt.Errorf("signing secret: it has %d bytes and must have %d or more, random ones "+
			"(openssl rand -base64 48)", len(secret), minSecret)
	}
	seen := make(map[byte]bool)
	for _, b := range secret {
		seen[b] = true
	}
	if len(seen) < 8 || isPlaceholder(string(secret)) {
		return errors.New("signing secret: it can be guessed; use random bytes (openssl rand -base64 48)")
	}
	return nil
}

// isPlaceholder recognises what examples, templates and tutorials put in the place of a secret.
func isPlaceholder(secret string) bool {
	letters := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(secret))
	for _, words := range []string{"changeme", "changethis", "replaceme", "replacethis", "placeholder", "yoursecret",
		"yourjwtsecret", "yoursigningsecret", "yoursuper", "astringsecretatleastbitslong"} {
		if strings.Contains(letters, words) {
			return true
		}
	}
	return false
}

func parsePublicKeys(text []byte) (keys []*Key, err error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		k, err := parsePublicKey(block)
		if err != nil {
			return nil, err
		}
		if len(keys) > 0 && keys[0].method != k.method {
			return nil, fmt.Errorf("the file mixes keys for %s and %s; use one kind", keys[0].method, k.method)
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errors.New("no PEM block in it; it should begin with -----BEGIN PUBLIC KEY-----")
	}
	if strings.TrimSpace(string(text)) != "" {
		return nil, errors.New("the text after the last key is not PEM")
	}
	return keys, nil
}

func parsePublicKey(block *pem.Block) (*Key, error) {
	var public any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		public, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			public = cert.PublicKey
		}
	default:
		return nil, fmt.Errorf("it holds a block %q; give the public key alone "+
			"(openssl pkey -in key.pem -pubout)", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", block.Type, err)
	}
	return newPublicKey(public)
}

// newPublicKey decides what a public key may verify.
func newPublicKey(public any) (*Key, error) {
	switch k := public.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return nil, fmt.Errorf("an RSA key of %d bits is too short; use 2048 or more", k.N.BitLen())
		}
		return &Key{method: jwt.SigningMethodRS256.Alg(), verify: k}, nil
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return nil, fmt.Errorf("curve %s is not supported; use P-256", k.Curve.Params().Name)
		}
		return &Key{method: jwt.SigningMethodES256.Alg(), verify: k}, nil
	case ed25519.PublicKey:
		return &Key{method: jwt.SigningMethodEdDSA.Alg(), verify: k}, nil
	default:
		return nil, fmt.Errorf("keys of type %T are not supported; use RSA, P-256 or Ed25519", public)
	}
}
