package process_test

import (
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/process"
)

func TestPortInUse(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			var lc net.ListenConfig
			l, err := lc.Listen(t.Context(), "tcp", net.JoinHostPort(host, "0"))
			if err != nil && host == "::1" {
				t.Skip("no IPv6 on this machine")
			}
			require.NoError(t, err)
			t.Cleanup(func() { _ = l.Close() })
			_, port, err := net.SplitHostPort(l.Addr().String())
			require.NoError(t, err)
			number, err := strconv.Atoi(port)
			require.NoError(t, err)
			_, err = process.FreePort(t.Context(), number)
			require.ErrorContains(t, err, "port "+port+" is in use by another program")
		})
	}
}

func TestFreePort(t *testing.T) {
	t.Parallel()
	port, err := process.FreePort(t.Context(), 0)
	require.NoError(t, err)
	require.NotZero(t, port)
}
