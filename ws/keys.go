package ws

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
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// minSecret is the least that HS256 should be given: as many bytes as its hash has (RFC 7518 section 3.2).
const minSecret = 32

// clockSkew is how far another server's clock may be ahead when it says from when on a token is valid.
const clockSkew = 30 * time.Second

// KeysConfig says whose tokens are taken: those signed with a secret, or those signed for a public key, never both.
type KeysConfig struct {
	Secret       []byte           // for HS256, at least 32 bytes
	PublicKeyPEM []byte           // RSA for RS256, P-256 for ES256 or Ed25519; several of one kind while keys are rotated
	Issuer       string           // if set, the iss that a token must have
	Audience     string           // if set, the aud that a token must hold
	Now          func() time.Time // time.Now
}

// Keys verify tokens. The signing method is fixed by the kind of key, never taken from a token: a token that chooses its
// method could turn a public key into a secret.
type Keys struct {
	keys   jwt.VerificationKeySet
	parser *jwt.Parser
	now    func() time.Time
}

// NewKeys refuses a secret that can be guessed, a key that it does not know, and a mix of kinds.
func NewKeys(cfg KeysConfig) (*Keys, error) {
	k := &Keys{now: cfg.Now}
	if k.now == nil {
		k.now = time.Now
	}

	var method string
	switch {
	case len(cfg.Secret) > 0 && len(cfg.PublicKeyPEM) > 0:
		return nil, errors.New("signing key: give a secret or a public key, not both")
	case len(cfg.PublicKeyPEM) > 0:
		var err error
		if method, k.keys.Keys, err = parsePublicKeys(cfg.PublicKeyPEM); err != nil {
			return nil, fmt.Errorf("public key: %w", err)
		}
	default:
		if err := checkSecret(cfg.Secret); err != nil {
			return nil, err
		}
		method, k.keys.Keys = jwt.SigningMethodHS256.Alg(), []jwt.VerificationKey{cfg.Secret}
	}

	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{method}),
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
	if len(seen) < 8 {
		return errors.New("signing secret: it can be guessed; use random bytes (openssl rand -base64 48)")
	}
	return nil
}

func parsePublicKeys(text []byte) (method string, keys []jwt.VerificationKey, err error) {
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		key, m, err := parsePublicKey(block)
		if err != nil {
			return "", nil, err
		}
		if method != "" && m != method {
			return "", nil, fmt.Errorf("the file mixes keys for %s and %s; use one kind", method, m)
		}
		method, keys = m, append(keys, key)
	}
	if len(keys) == 0 {
		return "", nil, errors.New("no PEM block in it; it should begin with -----BEGIN PUBLIC KEY-----")
	}
	if strings.TrimSpace(string(text)) != "" {
		return "", nil, errors.New("something that is not PEM stands after the last key")
	}
	return method, keys, nil
}

func parsePublicKey(block *pem.Block) (key any, method string, err error) {
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = cert.PublicKey
		}
	default:
		return nil, "", fmt.Errorf("it holds a block %q; give the public key alone "+
			"(openssl pkey -in key.pem -pubout)", block.Type)
	}
	if err != nil {
		return nil, "", fmt.Errorf("parse %s: %w", block.Type, err)
	}

	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return nil, "", fmt.Errorf("an RSA key of %d bits is too short; use 2048 or more", k.N.BitLen())
		}
		return k, jwt.SigningMethodRS256.Alg(), nil
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return nil, "", fmt.Errorf("curve %s is not supported; use P-256", k.Curve.Params().Name)
		}
		return k, jwt.SigningMethodES256.Alg(), nil
	case ed25519.PublicKey:
		return k, jwt.SigningMethodEdDSA.Alg(), nil
	default:
		return nil, "", fmt.Errorf("keys of type %T are not supported; use RSA, P-256 or Ed25519", key)
	}
}
