package ws

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// start reads until the socket ends, and then takes the display out of everything it was in. The goroutine is the display's
// owner: it ends after every writer has.
//
// It begins with a stack of 2 KiB, and a display that only listens never outgrows that, by a few bytes. This is why it is
// so terse, why it is not a method of its own, which would cost a wrapper, and why messages are handled beside the
// library's read rather than below it.
func (d *display) start() {
	go func() {
		defer d.end()
		d.socket.awaitInput()
		for d.take(d.conn.NextReader()) {
		}
	}()
}

// take handles what was read, and answers whether there can be more. Once the display is closing, that is only the peer's
// close frame, which is waited for: to close the connection at once could take ours away from it (RFC 6455 section 7.1.1).
func (d *display) take(kind int, r io.Reader, err error) bool {
	if err != nil {
		d.hangUp(err)
		return false
	}
	if d.isClosing() {
		return true
	}
	limit := int64(d.server.limits.MessageBytes)
	d.reading = true
	_ = d.socket.SetReadDeadline(time.Now().Add(d.server.times.Message))
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	d.reading = false
	switch {
	case timedOut(err):
		d.close(closeUnfinished())
		return false
	case err != nil:
		d.hangUp(err)
		return false
	case int64(len(body)) > limit:
		d.close(closeTooBig())
	case kind == websocket.TextMessage && !utf8.Valid(body): // RFC 6455 section 8.1
		d.close(closeBadText())
	default:
		d.extendReadDeadline()
		d.receive(kind, body)
	}
	return true
}

// extendReadDeadline gives a display that has shown life the time until the next ping, and for its answer.
func (d *display) extendReadDeadline() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closing && !d.reading {
		_ = d.socket.SetReadDeadline(time.Now().Add(d.server.times.Ping + d.server.times.Pong))
	}
}

func (d *display) onPing(data string) error {
	d.extendReadDeadline()
	if d.tooMany(&d.controls) {
		return nil // RFC 6455 section 5.5.3 lets us answer a later ping instead
	}
	if d.pushLatest(pong, frame(opPong, []byte(data))) {
		d.flush()
	}
	return nil
}

func (d *display) onPong(string) error {
	d.extendReadDeadline()
	d.tooMany(&d.controls)
	return nil
}

// control takes a frame that gorilla made by itself: with our own ping handler that is a close frame, in answer to the
// peer's or to a breach of the protocol.
func (d *display) control(frame []byte) {
	d.mu.Lock()
	idle := d.endWith(append([]byte(nil), frame...))
	d.mu.Unlock()
	if idle {
		d.flush()
	}
}

// hangUp ends the close handshake, or says why there is none, after reading has failed, which it then does for good.
func (d *display) hangUp(err error) {
	switch {
	case d.isClosing():
	case timedOut(err):
		d.close(closeNoAnswer())
		return
	case errors.Is(err, websocket.ErrReadLimit): // a frame whose length cannot be true
		d.close(closeTooBig())
	default:
		return
	}
	if bye := (*websocket.CloseError)(nil); !errors.As(err, &bye) {
		d.drainInput()
	}
}

// drainInput reads on, for Times.Close at most, after a breach of the protocol behind which nothing can be understood. A
// connection that is closed with input unread is reset, and our close frame with it, which the peer may not have read.
func (d *display) drainInput() {
	d.awaitWriter()
	half, ok := d.socket.Conn.(interface{ CloseWrite() error })
	if ok && half.CloseWrite() == nil {
		_, _ = io.Copy(io.Discard, d.socket.Conn)
	}
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// end takes the display out of its group, waits for its writer, and gives its place back.
func (d *display) end() {
	defer d.server.wg.Done()
	if p := recover(); p != nil {
		d.panicked(p)
	}
	if d.refused {
		defer d.server.refusals.Add(-1)
	} else {
		defer d.server.vacate()
	}
	if d.isClosing() {
		d.awaitWriter() // it may have the close frame yet to write, for which it has Times.Close
	}
	d.mu.Lock()
	d.closing = true
	d.queue.clear()
	cause := d.cause
	d.mu.Unlock()
	d.socket.Close()
	if d.group != nil {
		d.server.meter.Left(int(cause.code))
		d.server.leave(d)
	}
	d.awaitWriter() // whose write fails now

	level := slog.LevelDebug
	if cause != noClosing() && cause != closeStopping() && !d.refused { // of a refusal something is logged already
		level = slog.LevelInfo
	}
	d.server.peerLog.write(level, "a display left", "display", d.id, "code", cause.code, "reason", cause.reason)
}

// survive is deferred by whatever works for one display: if that panics, this display is closed and no other.
func (d *display) survive() {
	if p := recover(); p != nil {
		d.panicked(p)
	}
}

func (d *display) panicked(p any) {
	d.server.peerLog.write(slog.LevelError, "a display's code panicked", "display", d.id, "err", p, "stack", string(debug.Stack()))
	d.mark(closeUnavailable())
	d.broken()
}
