package ws

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// closing is the close code and the reason that a display is closed with. The reason is an identifier for programs, a colon, and
// a sentence for people. It gives away nothing internal, and has at most 123 bytes: a longer one could not be sent (RFC 6455
// section 5.5.1).
type closing struct {
	code   uint16
	reason string
}

// noClosing is the cause of a display that left by itself.
func noClosing() closing { return closing{} }

func closeNoToken() closing {
	return closing{4001, "no_token: send a token as ?token=, Authorization: Bearer or subprotocol"}
}
func closeTwoTokens() closing {
	return closing{4001, "bad_token: two different tokens were sent: send one"}
}
func closeBadToken() closing {
	return closing{4001, "bad_token: the token is not valid: get a new one"}
}

// closeLongToken names the setting: the token may be valid, and only the operator can allow longer ones.
func closeLongToken(bytes, most int) closing {
	return closing{4001, fmt.Sprintf("bad_token: the token has %d bytes, and %d are taken: see KITCHEN_MAX_TOKEN_BYTES", bytes, most)}
}
func closeExpired() closing  { return closing{4001, "expired: the token has expired: get a new one"} }
func closeUserGone() closing { return closing{4001, "user_gone: the user is unknown or not active"} }

// closeForbidden is the same whether or not the restaurant exists, so that nobody can find out which do.
func closeForbidden() closing {
	return closing{4003, "other_restaurant: this user does not belong to this restaurant"}
}
func closeScreen() closing {
	return closing{4003, "other_restaurant: a user of the role screen may only use the pick-up screen"}
}

func closeTooSlow() closing {
	return closing{4008, "too_slow: nothing could be written for too long"}
}
func closeNoAnswer() closing   { return closing{4008, "too_slow: pings were not answered"} }
func closeUnfinished() closing { return closing{4008, "too_slow: a message took too long to arrive"} }
func closeNotReading() closing { return closing{4008, "too_slow: answers are not being read"} }

func closeTooMany() closing {
	return closing{4029, "restaurant_full: too many displays of this restaurant: try again later"}
}
func closeTooManyOfUser() closing {
	return closing{4029, "restaurant_full: too many displays of this user: try again later"}
}
func closeTooManyJoins() closing {
	return closing{4029, "restaurant_full: displays of this restaurant come too fast: try again later"}
}
func closeFlood() closing {
	return closing{4029, "too_many_messages: the display sends too fast: try again later"}
}

func closeBadText() closing { return closing{1007, "invalid_message: text has to be UTF-8"} }
func closeTooBig() closing {
	return closing{1009, "too_big: the message is longer than this node takes"}
}
func closeStopping() closing {
	return closing{1012, "stopping: this node is stopping: connect again at once"}
}
func closeUnavailable() closing {
	return closing{1013, "unavailable: cannot serve now: try again soon"}
}

// text is the sentence for people in the reason.
func (c closing) text() string {
	_, text, _ := strings.Cut(c.reason, ": ")
	return text
}

func (c closing) frame() []byte {
	payload := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(c.reason)), c.code)
	return frame(opClose, append(payload, c.reason...))
}
