package node

import (
	"errors"
	"log/slog"
	"time"

	"kitchen/ws/credential"
)

// Keyring is what says whose tokens are good: one of three kinds of keys, and what else a token must be.
type Keyring struct {
	Secret      string
	PublicKey   []byte // PEM
	OldSecrets  [][]byte
	JwksURL     string
	JwksRefresh time.Duration
	Issuer      string
	Audience    string
	MaxToken    int
	MaxLife     time.Duration
	PairedOnly  bool // no token is taken, only the device tokens of paired screens
}

// OneKind is what to do about [Keyring.Mixed].
const OneKind = "give one, KITCHEN_JWT_SECRET, KITCHEN_JWT_PUBLIC_KEY or KITCHEN_JWKS_URL"

// keys verify the tokens of displays. Those of an address have to be run; they are nil where there is none.
func (r Keyring) keys(log *slog.Logger) (*credential.Keys, *credential.RemoteKeys, error) {
	if r.PairedOnly {
		return credential.NoKeys(), nil, nil
	}
	cfg := credential.KeysConfig{Secret: []byte(r.Secret), PublicKeyPEM: r.PublicKey, OldSecrets: r.OldSecrets,
		Issuer: r.Issuer, Audience: r.Audience, MaxToken: r.MaxToken, MaxLife: r.MaxLife}
	if r.JwksURL != "" {
		var err error
		if cfg.Remote, err = credential.NewRemoteKeys(credential.RemoteConfig{URL: r.JwksURL, Refresh: r.JwksRefresh, Log: log}); err != nil {
			return nil, nil, err
		}
	}
	keys, err := credential.NewKeys(cfg)
	return keys, cfg.Remote, err
}

// Mixed reports whether there is more than one kind of key, which no node takes.
func (r Keyring) Mixed() bool {
	cfg := credential.KeysConfig{Secret: []byte(r.Secret), PublicKeyPEM: r.PublicKey}
	if r.JwksURL != "" {
		cfg.Remote = new(credential.RemoteKeys) // the address itself may be wrong as well
	}
	_, err := credential.NewKeys(cfg)
	return errors.Is(err, credential.ErrSeveralKinds)
}

// Given reports whether there is any key.
func (r Keyring) Given() bool { return r.Secret != "" || r.PublicKey != nil || r.JwksURL != "" }
