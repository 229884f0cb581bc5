package doctor

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strings"
	"syscall"

	"kitchen/cmd/kitchen/node"
	"kitchen/cmd/kitchen/text"
	"kitchen/ws/credential"
)

// Checks of the node's own settings and limits: keys and open files.

const leastSecret = 32 // bytes; ws refuses less

func (x *examination) checkKeys(ctx context.Context) {
	const mend = "make one: export KITCHEN_JWT_SECRET=$(openssl rand -hex 32)"
	switch {
	case x.Keyring.Mixed():
		x.add("key", wrong, "more than one of a secret, a public key and the address of keys is given, and serve refuses that", node.OneKind)
	case x.Keyring.JwksURL != "":
		x.checkKeySet(ctx)
	case x.Keyring.PublicKey != nil:
		x.add("key", Fine, "tokens are verified with a public key", "")
	case x.Keyring.Secret != "":
		x.addSecret(x.Keyring.Secret)
	case x.Db.URL == "":
		x.add("key", Fine, "serve makes a secret for its private database, and keeps it", "")
	default:
		x.add("key", warning, "no key is set here: serve needs one beside DATABASE_URL", mend)
	}
}

// checkKeySet fetches the keys of the identity provider as a node would.
func (x *examination) checkKeySet(ctx context.Context) {
	const mend = "see that KITCHEN_JWKS_URL is the provider's jwks_uri, and that this machine reaches it and trusts its certificate: curl it"
	keys, err := credential.NewRemoteKeys(credential.RemoteConfig{URL: x.Keyring.JwksURL})
	if err != nil {
		x.add("key", wrong, err.Error(), mend)
		return
	}
	usable, published, err := keys.Look(ctx)
	switch {
	case err != nil:
		x.add("key", wrong, "the keys of KITCHEN_JWKS_URL cannot be had, so no display gets in: "+err.Error(), mend)
	case len(usable) < published:
		x.add("key", Fine, fmt.Sprintf("tokens are verified with %s of KITCHEN_JWKS_URL: %s; %s not for that",
			text.Count(len(usable), "key"), strings.Join(usable, ", "), text.Count(published-len(usable), "other")), "")
	default:
		x.add("key", Fine, fmt.Sprintf("tokens are verified with %s of KITCHEN_JWKS_URL: %s", text.Count(len(usable), "key"), strings.Join(usable, ", ")), "")
	}
}

func (x *examination) addSecret(secret string) {
	const mend = "make one: export KITCHEN_JWT_SECRET=$(openssl rand -hex 32); displays need new tokens then"
	why := weakness(secret)
	switch {
	case len(secret) < leastSecret:
		x.add("key", wrong, fmt.Sprintf("the secret has %d bytes, and serve refuses less than %d: an attacker who guesses it can act as any user", len(secret), leastSecret), mend)
	case why != "":
		x.add("key", warning, "the secret "+why+": an attacker who guesses it can act as any user", mend)
	default:
		x.add("key", Fine, fmt.Sprintf("the secret has %d bytes, and looks random", len(secret)), "")
	}
}

// weakness says what makes a secret easy to guess, or returns nothing. It reports only what a random secret would not show.
func weakness(secret string) string {
	lower := strings.ToLower(secret)
	for _, word := range []string{"django-insecure", "secret", "password", "changeme", "change-me", "change_me", "example", "kitchen", "123456", "qwerty"} {
		if strings.Contains(lower, word) {
			return fmt.Sprintf("has the word %q in it, as one has that nobody drew", word)
		}
	}
	for period := 1; period <= len(secret)/2; period++ {
		if secret[period:] == secret[:len(secret)-period] {
			return "repeats itself"
		}
	}
	counts := map[byte]float64{}
	for i := range len(secret) {
		counts[secret[i]]++
	}
	bits := 0.0
	for _, n := range counts {
		bits -= n * math.Log2(n/float64(len(secret)))
	}
	if bits < 80 { // 32 random hexadecimal digits have about 118 by this measure
		return "has few different characters"
	}
	return ""
}

func (x *examination) checkFiles() {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		x.failed("open files", err)
		return
	}
	x.addFiles(limit.Cur) // which the Go runtime has raised as far as it may
}

// addFiles compares the limit of open files with what a full node has open.
func (x *examination) addFiles(limit uint64) {
	const others = 100                     // the pool, the listener, files
	displays := cmp.Or(x.Displays, 10_000) // the default of ws
	text := fmt.Sprintf("this user may open %d files, and a full node has %d displays", limit, displays)
	if limit < uint64(displays)+others {
		x.add("open files", warning, text+": the last of them would be refused",
			"raise the limit: LimitNOFILE=65536 in the systemd unit, ulimits in compose.yaml, or ulimit -n 65536 in the shell")
		return
	}
	x.add("open files", Fine, text, "")
}
