package ws

import (
	"errors"
	"io"
	"log/slog"
	"runtime/debug"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"kitchen/ws/closing"
	"kitchen/ws/protocol"
	"kitchen/ws/tcp"
)

// read reads messages until the socket ends, and then takes the display out of everything that it was in. It runs in the
// display's own goroutine, which ends after every writer of the display.
//
// AwaitInput saves 2 KiB of stack for each display that has sent nothing yet, which is every display in the 25 s after a restart,
// when memory is at its peak: in gorilla's read a goroutine needs more than 2 KiB, for which the runtime gives it 4.
// BenchmarkIdleDisplay, 5,000 displays, three runs by turns, Go 1.26: 7.4 KiB a display with it and 9.6 without; once each display
// has answered a ping, 7.5 either way. It is called only here, because later input may be in gorilla's buffer already.
func (d *display) read() {
	defer d.end()
	d.socket.AwaitInput()
	for more := true; more; {
		kind, message, err := d.conn.NextReader()
		more = d.handle(kind, message, err)
	}
}

// handle reads and answers one message, and reports whether to read on. While the display is closing it ignores messages and waits for
// the peer's close frame: if the connection were closed at once, the peer might not get ours (RFC 6455 section 7.1.1).
func (d *display) handle(kind int, r io.Reader, err error) bool {
	if err != nil {
		d.readFailed(err)
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
	case tcp.TimedOut(err):
		d.close(closing.Unfinished())
		return false
	case err != nil:
		d.readFailed(err)
		return false
	case int64(len(body)) > limit:
		d.close(closing.TooBig())
	case kind == websocket.TextMessage && !utf8.Valid(body): // RFC 6455 section 8.1
		d.close(closing.BadText())
	default:
		d.extendReadDeadline()
		d.receive(kind, body)
	}
	return true
}

// extendReadDeadline allows the display time until the next ping and its pong. It is called for everything that the peer sends.
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
	if d.pushLatest(pong, protocol.Frame(protocol.Pong, []byte(data))) {
		d.flush()
	}
	return nil
}

func (d *display) onPong(string) error {
	d.extendReadDeadline()
	d.tooMany(&d.controls)
	return nil
}

// control queues a frame that gorilla built by itself. That is always a close frame, as an answer to the peer's or to a breach
// of the protocol, because pings have a handler of our own.
func (d *display) control(frame []byte) {
	d.mu.Lock()
	idle := d.queueCloseFrame(append([]byte(nil), frame...))
	d.mu.Unlock()
	if idle {
		d.flush()
	}
}

// readFailed is called when reading has failed for good. It closes the display with the cause, unless that is closing already.
func (d *display) readFailed(err error) {
	switch {
	case d.isClosing():
	case tcp.TimedOut(err):
		d.close(closing.NoAnswer())
		return
	case errors.Is(err, websocket.ErrReadLimit): // a frame whose length cannot be true
		d.close(closing.TooBig())
	default:
		return
	}
	if bye := (*websocket.CloseError)(nil); !errors.As(err, &bye) {
		d.drainInput()
	}
}

// drainInput reads and ignores input, for Times.Close at most, after a breach of the protocol. The kernel resets a connection
// that is closed with unread input, and the peer may then never read our close frame.
func (d *display) drainInput() {
	d.awaitWriter()
	if d.socket.CloseWrite() == nil {
		_, _ = io.Copy(io.Discard, d.socket)
	}
}

// end runs when the reader ends: it takes the display out of its group, waits for its writer, and lowers the count of displays.
func (d *display) end() {
	defer d.server.wg.Done()
	if p := recover(); p != nil {
		d.panicked(p)
	}
	if d.refused {
		defer d.server.refusals.Add(-1)
	} else {
		defer d.server.release()
	}
	if d.isClosing() {
		d.awaitWriter() // which may still have to write the close frame, within Times.Close
	}
	d.mu.Lock()
	d.closing = true
	d.change()
	d.queue.clear()
	cause := d.cause
	d.mu.Unlock()
	d.socket.Close()
	d.await(func() bool { return !d.inbox.answering }) // which may ask the database still, within Times.Store
	if d.group != nil {
		d.server.meter.Left(int(cause.Code))
		d.server.leave(d)
	}
	d.awaitWriter() // its write fails, because the socket is closed

	level := slog.LevelDebug
	if cause != closing.None() && cause != closing.Stopping() && !d.refused { // a refusal was logged by accept
		level = slog.LevelInfo
	}
	d.server.peerLog.Write(level, "a display left", "display", d.id, "code", cause.Code, "reason", cause.Text)
}

// recoverPanic is deferred by all code that works for one display: a panic there closes that display only.
func (d *display) recoverPanic() {
	if p := recover(); p != nil {
		d.panicked(p)
	}
}

func (d *display) panicked(p any) {
	d.server.peerLog.Write(slog.LevelError, "a display's code panicked", "display", d.id, "err", p, "stack", string(debug.Stack()))
	d.closeWithoutFrame(closing.Unavailable())
	d.broken()
}
