package credential

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"kitchen/db/order"
)

// passPrefix begins every pass of a device, and no JWT, so that whoever finds one in a log or a repository knows what it is.
const passPrefix = "kdp_"

// Pass is what a device shows instead of a token. The pass is the id of the device and a secret: it is signed by nobody, and
// worth what the store says of the device.
type Pass struct {
	Device order.DeviceID
	Hash   order.PassHash
}

// NewPass makes a pass for a device that does not exist yet. Its secret has 130 random bits. It is made of letters, digits and
// underscores, which a subprotocol may have.
func NewPass() (text string, p Pass) {
	id := uuid.New()
	text = passPrefix + hex.EncodeToString(id[:]) + "_" + rand.Text()
	return text, Pass{order.DeviceID(id.String()), hashPass(text)}
}

// IsPass reports whether a credential is meant to be a pass, and not a token.
func IsPass(credential string) bool { return strings.HasPrefix(credential, passPrefix) }

// ParsePass reads a pass. What it finds proves nothing before [Pass.Proves].
func ParsePass(text string) (p Pass, ok bool) {
	id, secret, ok := strings.Cut(strings.TrimPrefix(text, passPrefix), "_")
	raw, err := hex.DecodeString(id)
	if !IsPass(text) || !ok || err != nil || len(secret) != len(rand.Text()) || hex.EncodeToString(raw) != id {
		return Pass{}, false
	}
	device, err := uuid.FromBytes(raw)
	if err != nil {
		return Pass{}, false
	}
	return Pass{order.DeviceID(device.String()), hashPass(text)}, true
}

// Proves reports whether the pass is the one with this hash.
func (p Pass) Proves(hash order.PassHash) bool {
	return subtle.ConstantTimeCompare(p.Hash[:], hash[:]) == 1
}

func hashPass(text string) order.PassHash { return sha256.Sum256([]byte(text)) }
