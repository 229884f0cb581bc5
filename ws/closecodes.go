package ws

import "encoding/binary"

// closing is why a socket ends: a close code and a reason that the display's owner can read. Reasons are constants, so
// that nothing of the inside gets out, and stay under the 123 bytes that RFC 6455 section 5.5.1 leaves for them: a longer
// one would make the whole frame unsendable.
type closing struct {
	code   uint16
	reason string
}

// noClosing is the cause of a display that left by itself.
func noClosing() closing { return closing{} }

func closeNoToken() closing {
	return closing{4001, "no token: send one as ?token=, Bearer or subprotocol"}
}
func closeTwoTokens() closing { return closing{4001, "two different tokens: send one"} }
func closeBadToken() closing  { return closing{4001, "the token is not valid: get a new one"} }
func closeExpired() closing   { return closing{4001, "the token has expired: get a new one"} }
func closeUserGone() closing  { return closing{4001, "the user is unknown or not active"} }

// closeForbidden reads the same whether or not the restaurant exists.
func closeForbidden() closing { return closing{4003, "this user does not belong to this restaurant"} }

func closeTooSlow() closing    { return closing{4008, "too slow: nothing could be written for too long"} }
func closeNoAnswer() closing   { return closing{4008, "too slow: pings were not answered"} }
func closeUnfinished() closing { return closing{4008, "too slow: a message took too long to arrive"} }
func closeNotReading() closing { return closing{4008, "too slow: answers are not being read"} }

func closeTooMany() closing {
	return closing{4029, "too many displays of this restaurant: try again later"}
}
func closeTooManyOfUser() closing {
	return closing{4029, "too many displays of this user: try again later"}
}
func closeTooManyJoins() closing {
	return closing{4029, "displays of this restaurant come too fast: try again later"}
}
func closeFlood() closing { return closing{4029, "too many messages: try again later"} }

func closeTooBig() closing      { return closing{1009, "the message is too big"} }
func closeStopping() closing    { return closing{1012, "this node is stopping: connect again at once"} }
func closeUnavailable() closing { return closing{1013, "cannot serve now: try again soon"} }

func (c closing) frame() []byte {
	payload := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(c.reason)), c.code)
	return frame(opClose, append(payload, c.reason...))
}
