package doctor

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"kitchen/cmd/kitchen/database"
)

// losing puts a proxy before a server that loses the first notifications of each connection, and returns its address.
func losing(t *testing.T, address string, first int) string {
	t.Helper()
	cfg, err := pgconn.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			network, at := pgconn.NetworkAddress(cfg.Host, cfg.Port)
			server, err := net.Dial(network, at)
			if err != nil {
				_ = client.Close()
				continue
			}
			serving.Go(func() {
				_, _ = io.Copy(server, client)
				_ = server.Close()
			})
			serving.Go(func() {
				_ = forward(client, bufio.NewReader(server), first)
				_ = client.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	through := url.URL{Scheme: "postgres", User: url.UserPassword(cfg.User, cfg.Password), Host: listener.Addr().String(), Path: cfg.Database}
	return through.String() + "?sslmode=disable"
}

// forward passes on a server's messages, but loses the first notifications.
func forward(to io.Writer, from io.Reader, lose int) error {
	for {
		header := make([]byte, 5)
		if _, err := io.ReadFull(from, header); err != nil {
			return err
		}
		message := make([]byte, 1+binary.BigEndian.Uint32(header[1:]))
		copy(message, header)
		if _, err := io.ReadFull(from, message[5:]); err != nil {
			return err
		}
		if message[0] == 'A' && lose > 0 { // NotificationResponse
			lose--
			continue
		}
		if _, err := to.Write(message); err != nil {
			return err
		}
	}
}

// A busy machine is late once. What is unheard twice has another cause.
func TestDoctorMeasuresTwiceBeforeItSaysThatNothingIsHeard(t *testing.T) {
	t.Parallel()
	c := newServer(t, nil)
	p := c.newDatabase(t)
	for lost, want := range []string{"ok", "warning", "wrong"} {
		d := diagnose(t, database.Config{URL: p.node(), ListenURL: losing(t, p.node(), lost)})
		words := map[string]string{"ok": "arrived", "warning": "the next arrived", "wrong": "did not arrive"}[want]
		d.expect(t, "round trip", want, words)
	}
}
