package ws

import (
	"time"

	"kitchen/ws/tcp"
)

// socket is a display's connection as gorilla sees it. Gorilla reads from it; what gorilla writes by itself, which is
// pongs and close frames, goes through the display's queue, so that only one writer ever touches the connection and a
// reader never waits for a slow peer.
type socket struct {
	tcp.Conn
	display *display // nil until the handshake is answered
}

func (k *socket) Write(p []byte) (int, error) {
	if k.display == nil {
		return k.Conn.Write(p)
	}
	k.display.control(p)
	return len(p), nil
}

// SetWriteDeadline ignores the deadline that gorilla sets before each control frame, since it would cut off the display's writer.
func (k *socket) SetWriteDeadline(t time.Time) error {
	if k.display == nil {
		return k.Conn.SetWriteDeadline(t)
	}
	return nil
}
