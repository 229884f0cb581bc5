package main

import (
	"log/slog"
	"time"

	"kitchen/ws"
)

// keyring is what says whose tokens are good: one of three kinds of keys, and what else a token must be.
type keyring struct {
	secret      string
	publicKey   []byte // PEM
	oldSecrets  [][]byte
	jwksURL     string
	jwksRefresh time.Duration
	issuer      string
	audience    string
	maxToken    int
	maxLife     time.Duration
}

// keys verify the tokens of displays. Those of an address have to be run; they are nil where there is none.
func (r keyring) keys(log *slog.Logger) (*ws.Keys, *ws.RemoteKeys, error) {
	cfg := ws.KeysConfig{OldSecrets: r.oldSecrets, Issuer: r.issuer, Audience: r.audience, MaxToken: r.maxToken, MaxLife: r.maxLife}
	var err error
	switch {
	case r.jwksURL != "":
		if cfg.Remote, err = ws.NewRemoteKeys(ws.RemoteConfig{URL: r.jwksURL, Refresh: r.jwksRefresh, Log: log}); err != nil {
			return nil, nil, err
		}
	case r.publicKey != nil:
		cfg.PublicKeyPEM = r.publicKey
	default:
		cfg.Secret = []byte(r.secret)
	}
	keys, err := ws.NewKeys(cfg)
	return keys, cfg.Remote, err
}

// given reports whether there is any key.
func (r keyring) given() bool { return r.secret != "" || r.publicKey != nil || r.jwksURL != "" }
