package ws

import (
	"encoding/binary"

	"kitchen/ws/closing"
)

// Opcodes of RFC 6455 section 5.2, with the FIN bit.
const (
	opText  = 0x81
	opClose = 0x88
	opPing  = 0x89
	opPong  = 0x8a
)

// frame is a whole message as a server sends it: one final, unmasked frame (RFC 6455 section 5.2). It is built once a
// message and shared by every display, which gorilla's PreparedMessage would do too, at the price of a map, a lock and a
// buffer a message.
func frame(op byte, payload []byte) []byte {
	f := make([]byte, 0, len(payload)+10)
	switch n := len(payload); {
	case n <= 125:
		f = append(f, op, byte(n))
	case n <= 0xffff:
		f = binary.BigEndian.AppendUint16(append(f, op, 126), uint16(n))
	default:
		f = binary.BigEndian.AppendUint64(append(f, op, 127), uint64(n))
	}
	return append(f, payload...)
}

// closeFrame is the close frame that says a reason (RFC 6455 section 5.5.1).
func closeFrame(why closing.Reason) []byte {
	payload := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(why.Text)), why.Code)
	return frame(opClose, append(payload, why.Text...))
}
