package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Listen listens at an address that a flag has given. Its error says in one line what to do. A node does this first, because it
// fails at once or not at all.
func Listen(ctx context.Context, address, flag string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, &BusyError{address, flag}
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen at %s: choose a port of 1024 or more with %s", address, flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is no address of this machine: choose another with %s", address, flag)
	case err != nil:
		return nil, fmt.Errorf("listen at %s: %w", address, err)
	}
	return listener, nil
}

// BusyError says that another program listens at an address.
type BusyError struct{ Address, Flag string }

func (e *BusyError) Error() string {
	return e.Address + " is in use by another program: stop that one, or listen elsewhere with " + e.Flag + " (port 0 takes any that is free)"
}

// Reachable is the host and port under which this machine reaches a listener, whatever it is bound to.
func Reachable(l net.Listener) string {
	address, ok := l.Addr().(*net.TCPAddr)
	if ok && address.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", address.Port)
	}
	return l.Addr().String()
}
