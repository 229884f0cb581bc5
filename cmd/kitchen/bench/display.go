package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// display is a display that only reads. It must be cheap, because ten thousand of them run beside what is measured. So it
// understands only what our server sends of RFC 6455: unfragmented frames without a mask.
type display struct {
	conn       net.Conn
	restaurant int // an index
	buffer     []byte
	kept       int                                 // bytes of a frame that is not complete yet
	receive    func(text []byte, at time.Duration) // nil: the group's

	receipts []receipt // only the goroutine that reads may touch it
}

// receipt records that a display got an order.
type receipt struct {
	order int32
	queue bool          // in a whole queue, and not as an event
	at    time.Duration // since the measurement began
}

const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

// errEnded is returned when the server has closed the connection.
var errEnded = errors.New("the node closed a display")

// dial connects and makes the handshake. It keeps frames that came together with the answer.
func dial(ctx context.Context, node Node, path, token string) (net.Conn, []byte, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", node.host)
	if err != nil {
		return nil, nil, fmt.Errorf("connect a display: %w", err)
	}
	if node.tls {
		name, _, _ := net.SplitHostPort(node.host)
		conn = tls.Client(conn, &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12})
	}
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	request := "GET " + path + " HTTP/1.1\r\nHost: " + node.host + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer " + token + "\r\n\r\n"
	if _, err := conn.Write([]byte(request)); err != nil {
		_ = conn.Close()
		return nil, nil, fmt.Errorf("connect a display: %w", err)
	}
	answer := make([]byte, 0, 512)
	for {
		n, err := conn.Read(answer[len(answer):cap(answer)])
		answer = answer[:len(answer)+n]
		head, rest, whole := bytes.Cut(answer, []byte("\r\n\r\n"))
		switch {
		case whole && strings.HasPrefix(string(head), "HTTP/1.1 101 "):
			_ = conn.SetDeadline(time.Time{})
			return conn, rest, nil
		case whole || err != nil || len(answer) == cap(answer):
			_ = conn.Close()
			return nil, nil, refusal(answer, err)
		}
	}
}

func refusal(answer []byte, err error) error {
	response, parse := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), nil)
	if parse != nil {
		return fmt.Errorf("connect a display: no answer to the handshake: %w", errors.Join(err, parse))
	}
	_ = response.Body.Close()
	return fmt.Errorf("connect a display: the node answers %s", response.Status)
}

// read calls receive with every message until the connection ends. A message is valid until receive returns.
func (d *display) read(rest []byte, now func() time.Duration, receive func(text []byte, at time.Duration)) error {
	d.buffer = make([]byte, max(4<<10, len(rest)))
	d.kept = copy(d.buffer, rest)
	at := now()
	for {
		used, err := d.frames(at, receive)
		if err != nil {
			return err
		}
		d.kept = copy(d.buffer, d.buffer[used:d.kept])
		if d.kept == len(d.buffer) {
			d.buffer = append(d.buffer, make([]byte, len(d.buffer))...) // for a whole queue
		} else if d.kept == 0 && len(d.buffer) > 8<<10 {
			d.buffer = make([]byte, 4<<10)
		}
		n, err := d.conn.Read(d.buffer[d.kept:])
		at = now()
		d.kept += n
		if err != nil {
			return fmt.Errorf("read from the node: %w", err)
		}
	}
}

// frames handles the complete frames in b, and returns how many bytes they were.
func (d *display) frames(at time.Duration, receive func([]byte, time.Duration)) (used int, err error) {
	for {
		b := d.buffer[used:d.kept]
		if len(b) < 2 {
			return used, nil
		}
		head, length := 2, int(b[1]&0x7f)
		switch {
		case length == 126 && len(b) >= 4:
			head, length = 4, int(binary.BigEndian.Uint16(b[2:]))
		case length == 127 && len(b) >= 10:
			head, length = 10, int(binary.BigEndian.Uint64(b[2:])) //nolint:gosec // of our own server
		case length > 125:
			return used, nil
		}
		if len(b) < head+length {
			return used, nil
		}
		payload := b[head : head+length]
		switch b[0] & 0x0f {
		case opText:
			receive(payload, at)
		case opPing:
			d.answer(opPong, payload)
		case opClose:
			d.answer(opClose, payload)
			if len(payload) < 2 {
				return used, errEnded
			}
			return used, fmt.Errorf("%w with code %d: %s", errEnded, binary.BigEndian.Uint16(payload), payload[2:])
		}
		used += head + length
	}
}

// answer sends a control frame, masked with zeros, as a client must mask (RFC 6455 section 5.1).
func (d *display) answer(op byte, payload []byte) {
	_, _ = d.conn.Write(append([]byte{0x80 | op, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...)) // an error shows up when it reads
}
