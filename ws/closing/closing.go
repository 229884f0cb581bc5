// Package closing has the close codes of the protocol, each with the reason that a display reads.
//
// The codes are a contract with every display: PROTOCOL.md says which of them mean that a display should come back. The package
// knows nothing of sockets, so that the code that checks a credential can say why it is refused.
package closing

import (
	"fmt"
	"strings"
)

// Reason is the close code and text that a display is closed with. Reasons can be compared with ==.
type Reason struct {
	Code uint16
	// Text is a word for programs, a colon, and a sentence for people. It reveals nothing of how the server works, and has at most
	// 123 bytes, since a longer one could not be sent (RFC 6455 section 5.5.1).
	Text string
}

// None is the reason of a display that left by itself, or that need not be closed.
func None() Reason { return Reason{} }

// Sentence is the part of the text that is for people.
func (r Reason) Sentence() string {
	_, sentence, _ := strings.Cut(r.Text, ": ")
	return sentence
}

// 4001: the credential is not accepted. A display comes back with a new one.

func NoToken() Reason {
	return Reason{4001, "no_token: send a token as ?token=, Authorization: Bearer or subprotocol"}
}
func TwoTokens() Reason {
	return Reason{4001, "bad_token: two different tokens were sent: send one"}
}
func BadToken() Reason {
	return Reason{4001, "bad_token: the token is not valid: get a new one"}
}

// LongToken names the setting: the token may be valid, and only the operator can allow longer ones.
func LongToken(bytes, most int) Reason {
	return Reason{4001, fmt.Sprintf("bad_token: the token has %d bytes, and %d are taken: see KITCHEN_MAX_TOKEN_BYTES", bytes, most)}
}
func Expired() Reason { return Reason{4001, "expired: the token has expired: get a new one"} }

// BadDeviceToken does not say whether the device is unknown or was revoked, which a stranger must not learn.
func BadDeviceToken() Reason {
	return Reason{4001, "bad_token: this device token is not valid: pair the screen again"}
}
func UserGone() Reason { return Reason{4001, "user_gone: the user is unknown or not active"} }

// 4003: another restaurant, or a role that may not be here. A display does not come back.

// Forbidden is the same whether or not the restaurant exists, so that nobody can find out which do.
func Forbidden() Reason {
	return Reason{4003, "other_restaurant: this user does not belong to this restaurant"}
}
func ForeignDevice() Reason {
	return Reason{4003, "other_restaurant: this screen was paired with another restaurant"}
}
func Screen() Reason {
	return Reason{4003, "other_restaurant: who has the role screen may only use the pick-up screen"}
}

// 4008: too slow. A display may come back.

func TooSlow() Reason {
	return Reason{4008, "too_slow: nothing could be written for too long"}
}
func NoAnswer() Reason   { return Reason{4008, "too_slow: pings were not answered"} }
func Unfinished() Reason { return Reason{4008, "too_slow: a message took too long to arrive"} }
func NotReading() Reason { return Reason{4008, "too_slow: answers are not being read"} }

// 4029: too many. A display may come back later.

func TooManyDisplays() Reason {
	return Reason{4029, "restaurant_full: too many displays of this restaurant: try again later"}
}
func TooManyOfUser() Reason {
	return Reason{4029, "restaurant_full: too many displays of this user: try again later"}
}
func TooManyJoins() Reason {
	return Reason{4029, "restaurant_full: displays of this restaurant come too fast: try again later"}
}
func Flood() Reason {
	return Reason{4029, "too_many_messages: the display sends too fast: try again later"}
}

// The codes of RFC 6455 section 7.4.1.

func BadText() Reason { return Reason{1007, "invalid_message: text has to be UTF-8"} }
func TooBig() Reason {
	return Reason{1009, "too_big: the message is longer than this node takes"}
}
func Stopping() Reason {
	return Reason{1012, "stopping: this node is stopping: connect again at once"}
}
func Unavailable() Reason {
	return Reason{1013, "unavailable: cannot serve now: try again soon"}
}
