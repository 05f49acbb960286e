package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// FreePort returns port if no process listens on it on a loopback address. For 0 it
// returns any free port.
func FreePort(ctx context.Context, port int) (int, error) {
	listeners, port, err := ListenLoopback(ctx, port)
	if err != nil {
		return 0, err
	}
	for _, l := range listeners {
		err = errors.Join(err, l.Close())
	}
	return port, err
}

// ListenLoopback listens on both loopback addresses, because localhost may resolve to
// either, and returns the port. For port 0 it picks a free one.
func ListenLoopback(ctx context.Context, port int) ([]net.Listener, int, error) {
	var lc net.ListenConfig
	l4, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, 0, describeInUse(port, err)
	}
	_, chosen, _ := net.SplitHostPort(l4.Addr().String())
	number, err := strconv.Atoi(chosen)
	if err != nil {
		return nil, 0, errors.Join(err, l4.Close())
	}
	l6, err := lc.Listen(ctx, "tcp6", net.JoinHostPort("::1", chosen))
	switch {
	case err == nil:
		return []net.Listener{l4, l6}, number, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, 0, errors.Join(describeInUse(number, err), l4.Close())
	default: // a machine without IPv6
		return []net.Listener{l4}, number, nil
	}
}

func describeInUse(port int, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	return fmt.Errorf("port %d is in use by another program (`ss -ltnp` shows which): "+
		"stop it, choose another port, or 0 for any free one", port)
}
