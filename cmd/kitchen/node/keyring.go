package node

import (
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
}

// keys verify the tokens of displays. Those of an address have to be run; they are nil where there is none.
func (r Keyring) keys(log *slog.Logger) (*credential.Keys, *credential.RemoteKeys, error) {
	cfg := credential.KeysConfig{OldSecrets: r.OldSecrets, Issuer: r.Issuer, Audience: r.Audience, MaxToken: r.MaxToken, MaxLife: r.MaxLife}
	var err error
	switch {
	case r.JwksURL != "":
		if cfg.Remote, err = credential.NewRemoteKeys(credential.RemoteConfig{URL: r.JwksURL, Refresh: r.JwksRefresh, Log: log}); err != nil {
			return nil, nil, err
		}
	case r.PublicKey != nil:
		cfg.PublicKeyPEM = r.PublicKey
	default:
		cfg.Secret = []byte(r.Secret)
	}
	keys, err := credential.NewKeys(cfg)
	return keys, cfg.Remote, err
}

// given reports whether there is any key.
func (r Keyring) given() bool { return r.Secret != "" || r.PublicKey != nil || r.JwksURL != "" }
