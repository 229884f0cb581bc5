package doctor

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// startPooler puts a pooler in transaction mode before a database, as PgBouncer is one: clients share two server
// connections, each transaction gets one that is free, process ids are made up, and what comes when no client is linked is
// thrown away. It returns the address.
func startPooler(t *testing.T, url string, last bool) string {
	t.Helper()
	p := &pooler{last: last, are: make(chan struct{}, 2)}
	for range cap(p.are) {
		conn, err := pgconn.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		server, err := conn.Hijack()
		if err != nil {
			t.Fatal(err)
		}
		p.give(server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				stop := context.AfterFunc(ctx, func() { _ = client.Close() })
				defer stop()
				defer client.Close()
				_ = p.serve(client)
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		serving.Wait()
		for _, server := range p.free {
			_ = server.Conn.Close()
		}
	})
	return fmt.Sprintf("postgres://anybody@%s/x?sslmode=disable", listener.Addr())
}

type pooler struct {
	last bool          // the one that became free last is taken, as PgBouncer does; else the one that did so first
	are  chan struct{} // a token for each that is free
	mu   sync.Mutex
	free []*pgconn.HijackedConn // guarded by mu
}

func (p *pooler) take() *pgconn.HijackedConn {
	<-p.are
	p.mu.Lock()
	defer p.mu.Unlock()
	at := 0
	if p.last {
		at = len(p.free) - 1
	}
	server := p.free[at]
	p.free = slices.Delete(p.free, at, at+1)
	return server
}

func (p *pooler) give(server *pgconn.HijackedConn) {
	p.mu.Lock()
	p.free = append(p.free, server)
	p.mu.Unlock()
	p.are <- struct{}{}
}

func (p *pooler) serve(conn net.Conn) error {
	client := pgproto3.NewBackend(conn, conn)
	if _, err := client.ReceiveStartupMessage(); err != nil {
		return err
	}
	client.Send(&pgproto3.AuthenticationOk{})
	for name, value := range map[string]string{"client_encoding": "UTF8", "standard_conforming_strings": "on"} {
		client.Send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	var made [4]byte
	_, _ = rand.Read(made[:])
	client.Send(&pgproto3.BackendKeyData{ProcessID: 1<<31 + uint32(made[0]), SecretKey: made[:]})
	client.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if err := client.Flush(); err != nil {
		return err
	}
	var server *pgconn.HijackedConn
	defer func() {
		if server != nil {
			p.give(server) // of tests that end well, in no transaction
		}
	}()
	for {
		message, err := client.Receive()
		if err != nil {
			return err
		}
		if _, ends := message.(*pgproto3.Terminate); ends {
			return nil
		}
		if server == nil {
			server = p.take()
		}
		server.Frontend.Send(message)
		switch message.(type) {
		case *pgproto3.Query, *pgproto3.Sync:
		default:
			continue
		}
		idle, err := relay(client, server.Frontend)
		if err != nil {
			return err
		}
		if idle { // given back before the client can ask again, as by PgBouncer, which has one thread
			p.give(server)
			server = nil
		}
		if err := client.Flush(); err != nil {
			return err
		}
	}
}

// relay collects what the server answers, for the client. It reports whether the transaction is over.
func relay(client *pgproto3.Backend, server *pgproto3.Frontend) (idle bool, err error) {
	if err := server.Flush(); err != nil {
		return false, err
	}
	for {
		message, err := server.Receive()
		if err != nil {
			return false, err
		}
		if _, lost := message.(*pgproto3.NotificationResponse); lost {
			continue
		}
		client.Send(message)
		if ready, ok := message.(*pgproto3.ReadyForQuery); ok {
			return ready.TxStatus == 'I', nil
		}
	}
}
