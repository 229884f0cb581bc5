package order

import "time"

// DeviceID is the id of a device that has a token of its own, a uuid in its canonical form.
type DeviceID string

// TokenHash is the SHA-256 of a device's token.
type TokenHash [32]byte

// The roles that a device may have.
const (
	BoardRole  = "kitchen" // it shows a kitchen's board
	ScreenRole = "screen"  // it shows a pick-up screen, as a user of this role does, and nothing else
)

// Device is a screen that was paired with a restaurant.
type Device struct {
	ID         DeviceID
	Restaurant RestaurantID
	Name       string
	Role       string
	Stations   []Station // what its board was paired to show, until somebody chooses on it; none: everything
	Token      TokenHash
	Created    time.Time
	LastSeen   time.Time // zero where it was never seen
	Revoked    bool
}

// LastUsed is when the device was seen last, or else made.
func (d *Device) LastUsed() time.Time {
	if d.LastSeen.IsZero() {
		return d.Created
	}
	return d.LastSeen
}

// Pairing is a device that shows a code and waits until somebody confirms it.
type Pairing struct {
	Device  DeviceID
	Code    TokenHash // the SHA-256 of the code
	Token   TokenHash
	From    string // the network address that it asks from
	Asked   time.Time
	Expires time.Time
}

// Confirmation is what somebody says who confirms a code.
type Confirmation struct {
	Code       string // as it was typed
	Restaurant RestaurantID
	Name       string
	Role       string
	Stations   []string // names or ids of what the board shows first; none: everything
	By         UserID   // empty where nobody signed in
}
