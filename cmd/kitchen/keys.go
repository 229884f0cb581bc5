package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"kitchen/cmd/kitchen/database"
	"kitchen/cmd/kitchen/node"
	"kitchen/ws/credential"
)

// keyDefinitions are the settings that say which tokens are accepted.
func keyDefinitions() []definition {
	return []definition{
		{flag: "jwt-secret", env: "KITCHEN_JWT_SECRET", unit: "SECRET", secret: true,
			byDefault: "with a private Postgres, one that is made once and kept in the data directory",
			about:     "The secret that tokens are signed with (HS256), at least 32 bytes.",
			set:       setSecret},
		{flag: "jwt-public-key", env: "KITCHEN_JWT_PUBLIC_KEY", unit: "FILE",
			byDefault: "none",
			about:     "A PEM file with the public key that tokens are verified with (RS256, ES256 or EdDSA), instead of a secret.",
			set:       setPublicKey},
		{flag: "jwt-old-secrets", env: "KITCHEN_JWT_OLD_SECRETS", unit: "SECRET,…", secret: true, byDefault: "none",
			about: "Secrets that are taken besides --jwt-secret, comma separated: the last one, while it is rotated.",
			set:   setOldSecrets},
		{flag: "jwks-url", env: "KITCHEN_JWKS_URL", unit: "URL", secret: true, byDefault: "none",
			about: "Where an identity provider publishes its keys (a JSON Web Key Set), instead of a secret or a file.",
			set:   setJWKSURL},
		within("jwks-refresh", "5m", time.Second, 24*time.Hour, func(s *settings) *time.Duration { return &s.keyring.JwksRefresh },
			"How often the keys are read again."),
		plain("jwt-issuer", "ISSUER", "any", func(s *settings) *string { return &s.keyring.Issuer }, "The iss that a token must have."),
		plain("jwt-audience", "AUDIENCE", "any", func(s *settings) *string { return &s.keyring.Audience }, "The aud that a token must have, or have among others."),
		whole("max-token-bytes", "BYTES", "4096", 256, 8<<10, func(s *settings) *int { return &s.keyring.MaxToken },
			"How long a token may be. A longer one is refused with 4001."),
		{flag: "paired-only", env: "KITCHEN_PAIRED_ONLY",
			about: "Take no token, only the device tokens of paired screens: a node needs no key then. Screens are confirmed with kitchen pair.",
			set:   setPairedOnly},
		within("pass-idle", "2160h", time.Hour, 100*365*24*time.Hour, func(s *settings) *time.Duration { return &s.limits.Times.DeviceTokenIdle },
			"How long the device token of a paired screen is good without being used. Then it is refused with 4001."),
		within("max-token-life", "any", time.Minute, 100*365*24*time.Hour, func(s *settings) *time.Duration { return &s.keyring.MaxLife },
			"How long a token may still be good for. One that is good for longer is refused with 4001."),
	}
}

// setSecret refuses a secret that a node could not verify tokens with.
func setSecret(s *settings, v string) error {
	s.keyring.Secret = v
	_, err := credential.NewKeys(credential.KeysConfig{Secret: []byte(v)})
	return err
}

func setPublicKey(s *settings, path string) (err error) {
	if s.keyring.PublicKey, err = os.ReadFile(path); err != nil {
		return fmt.Errorf("a PEM file is wanted: %w", err)
	}
	if _, err := credential.NewKeys(credential.KeysConfig{PublicKeyPEM: s.keyring.PublicKey}); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// setOldSecrets checks old secrets like the new one.
func setOldSecrets(s *settings, v string) error {
	s.keyring.OldSecrets = nil
	for secret := range strings.SplitSeq(v, ",") {
		if _, err := credential.NewKeys(credential.KeysConfig{Secret: []byte(secret)}); err != nil {
			return err
		}
		s.keyring.OldSecrets = append(s.keyring.OldSecrets, []byte(secret))
	}
	return nil
}

func setJWKSURL(s *settings, v string) error {
	s.keyring.JwksURL = v
	_, err := credential.NewRemoteKeys(credential.RemoteConfig{URL: v})
	return err
}

func setPairedOnly(s *settings, v string) (err error) {
	s.keyring.PairedOnly, err = readSwitch(v)
	return err
}

func checkKeys(s *settings) (problems []string) {
	if s.keyring.PairedOnly && s.keyring.Given() {
		problems = append(problems, "KITCHEN_PAIRED_ONLY takes no token, and a key for tokens is given: leave one of them out")
	}
	if s.keyring.Mixed() {
		problems = append(problems, "more than one of a secret, a public key and the address of keys is given: "+node.OneKind)
	}
	if s.db.URL != "" && !s.keyring.Given() && !s.keyring.PairedOnly {
		problems = append(problems,
			"DATABASE_URL is set and no key is: set KITCHEN_JWT_SECRET, or KITCHEN_JWT_PUBLIC_KEY to a PEM file, or KITCHEN_JWKS_URL to the address of a key set; or KITCHEN_PAIRED_ONLY=true, where all screens are paired")
	}
	if s.keyring.OldSecrets != nil && (s.keyring.PublicKey != nil || s.keyring.JwksURL != "") {
		problems = append(problems, "KITCHEN_JWT_OLD_SECRETS goes with a secret, not with public keys: leave it out")
	}
	return problems
}

// signingSecret is the secret of the settings, or else that of the private database.
func (s settings) signingSecret() (string, error) {
	if s.keyring.Secret != "" {
		return s.keyring.Secret, nil
	}
	return database.PrivateSecret(s.db.DataDir)
}
