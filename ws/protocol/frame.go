package protocol

import (
	"encoding/binary"

	"kitchen/ws/closing"
)

// Opcodes of RFC 6455 section 5.2, with the FIN bit.
const (
	Text  = 0x81
	Close = 0x88
	Ping  = 0x89
	Pong  = 0x8a
)

// Frame is a whole message as a server sends it: one final, unmasked frame (RFC 6455 section 5.2). It is built once for each message
// and shared by every display. Gorilla's PreparedMessage does that too, but costs a map, a lock and a buffer for each message.
func Frame(opcode byte, payload []byte) []byte {
	f := make([]byte, 0, len(payload)+10)
	switch n := len(payload); {
	case n <= 125:
		f = append(f, opcode, byte(n))
	case n <= 0xffff:
		f = binary.BigEndian.AppendUint16(append(f, opcode, 126), uint16(n))
	default:
		f = binary.BigEndian.AppendUint64(append(f, opcode, 127), uint64(n))
	}
	return append(f, payload...)
}

// CloseFrame is the close frame that says a reason (RFC 6455 section 5.5.1).
func CloseFrame(why closing.Reason) []byte {
	payload := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(why.Text)), why.Code)
	return Frame(Close, append(payload, why.Text...))
}
