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

// deviceTokenPrefix begins every device token and no JWT, so that somebody who finds one in a log or a repository knows what it is.
const deviceTokenPrefix = "kdp_"

// DeviceToken is the credential of a paired device: the device's id and a secret. It is not signed: the store says whether it is
// valid, and what it permits.
type DeviceToken struct {
	Device order.DeviceID
	Hash   order.TokenHash
}

// NewDeviceToken makes a token for a device that does not exist yet. Its secret has 130 random bits. It is made of letters, digits and
// underscores, which a subprotocol may have.
func NewDeviceToken() (text string, p DeviceToken) {
	id := uuid.New()
	text = deviceTokenPrefix + hex.EncodeToString(id[:]) + "_" + rand.Text()
	return text, DeviceToken{order.DeviceID(id.String()), hashDeviceToken(text)}
}

// IsDeviceToken reports whether a credential is meant to be a device token, and not a JWT.
func IsDeviceToken(credential string) bool { return strings.HasPrefix(credential, deviceTokenPrefix) }

// ParseDeviceToken reads a device token. What it finds proves nothing before [DeviceToken.Proves].
func ParseDeviceToken(text string) (p DeviceToken, ok bool) {
	id, secret, ok := strings.Cut(strings.TrimPrefix(text, deviceTokenPrefix), "_")
	raw, err := hex.DecodeString(id)
	if !IsDeviceToken(text) || !ok || err != nil || len(secret) != len(rand.Text()) || hex.EncodeToString(raw) != id {
		return DeviceToken{}, false
	}
	device, err := uuid.FromBytes(raw)
	if err != nil {
		return DeviceToken{}, false
	}
	return DeviceToken{order.DeviceID(device.String()), hashDeviceToken(text)}, true
}

// Proves reports whether the token is the one with this hash.
func (p DeviceToken) Proves(hash order.TokenHash) bool {
	return subtle.ConstantTimeCompare(p.Hash[:], hash[:]) == 1
}

func hashDeviceToken(text string) order.TokenHash { return sha256.Sum256([]byte(text)) }
