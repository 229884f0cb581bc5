package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// drain is over how long the displays of a stopping node are sent away, so that they do not all come to the next one at
// the same moment.
const drain = 3 * time.Second

func checkServe(s *settings, _ []string) (problems []string) {
	problems = append(checkKeys(s), checkLimits(s)...)
	if (s.tlsCert == "") != (s.tlsKey == "") {
		problems = append(problems, "a certificate and its key go together: give both --tls-cert and --tls-key, or neither")
	}
	return append(problems, checkListenURL(s)...)
}

func checkListenURL(s *settings) []string {
	if s.listenDatabaseURL != "" && s.databaseURL == "" {
		return []string{"KITCHEN_LISTEN_DATABASE_URL is set and DATABASE_URL is not: set DATABASE_URL, too"}
	}
	return nil
}

// runServe puts a node together from the outside in: the address, the database, the keys.
func runServe(ctx context.Context, p *program) (err error) {
	log := newLog(p.stderr, p.logFormat, normal)

	listener, err := listen(ctx, p.listen)
	if err != nil {
		return err
	}
	defer listener.Close()

	scheme := "http://"
	if p.tlsCert != "" {
		certificate, err := openCertificate(p.tlsCert, p.tlsKey, log)
		if err != nil {
			return err
		}
		scheme, listener = "https://", tls.NewListener(listener, certificate.config())
	}

	admin, err := openAdmin(ctx, p.settings)
	if err != nil {
		return err
	}
	defer admin.stop()

	database, err := openMigrated(ctx, p.settings, false, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.stop()) }()

	keys, remote, err := p.keys(log)
	if err != nil {
		return err
	}

	node, err := newNode(ctx, nodeConfig{
		database: database, keys: keys, remote: remote, origins: p.allowedOrigins, limits: p.limits, drain: drain, log: log,
	})
	if err != nil {
		return err
	}
	admin.serve(node)
	log.Info("listening", "address", scheme+reachable(listener))
	fmt.Fprintln(p.stdout, scheme+reachable(listener))
	return node.run(ctx, listener)
}

// listen says in one line what to do about an address that cannot be had. It is the first thing that a node does, because
// it fails at once or not at all.
func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &busyError{address}
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen at %s: choose a port of 1024 or more with --listen", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is no address of this machine: choose another with --listen", address)
	case err != nil:
		return nil, fmt.Errorf("listen at %s: %w", address, err)
	}
	return listener, nil
}

// busyError says that another program listens at an address.
type busyError struct{ address string }

func (e *busyError) Error() string {
	return e.address + " is in use by another program: stop that one, or listen elsewhere with --listen (port 0 takes any that is free)"
}

// reachable is the host and port under which this machine reaches a listener, whatever it is bound to.
func reachable(l net.Listener) string {
	address, ok := l.Addr().(*net.TCPAddr)
	if ok && address.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", address.Port)
	}
	return l.Addr().String()
}
