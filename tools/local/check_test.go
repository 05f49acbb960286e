package main

import (
	"errors"
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersion(t *testing.T) {
	for said, want := range map[string][2]int{
		"go version go1.26.8 linux/amd64": {1, 26},
		"Python 3.11.9\n":                 {3, 11},
		"v20.20.2":                        {20, 20},
		"pyenv: command not found":        {0, 0},
	} {
		major, minor := version([]byte(said))
		require.Equal(t, want, [2]int{major, minor}, said)
	}
}

func TestEveryMissingToolIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := testStack(t).check(t.Context())
	for _, tool := range []string{"Go 1.26", "Python 3.11", "Node 20", "JDK, 17", "npm"} {
		require.ErrorContains(t, err, tool)
	}
}

func TestBusyPort(t *testing.T) {
	s := testStack(t)
	for _, host := range []string{"127.0.0.1", "::1"} {
		var lc net.ListenConfig
		l, err := lc.Listen(t.Context(), "tcp", net.JoinHostPort(host, "0"))
		if err != nil && host == "::1" {
			t.Skip("no IPv6 here")
		}
		require.NoError(t, err)
		t.Cleanup(func() { _ = l.Close() })
		_, port, err := net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
		s.port, err = strconv.Atoi(port)
		require.NoError(t, err)
		require.ErrorContains(t, s.checkPort(t.Context()), "port "+port+" is taken by another program")
	}
	s.port = 0
	require.NoError(t, s.checkPort(t.Context()))
}

func TestOnce(t *testing.T) {
	s, times := testStack(t), 0
	stamp, list := s.file("stamp"), s.file("list")
	install := func() error {
		times++
		if times == 1 {
			return errors.New("no network")
		}
		return nil
	}
	require.NoError(t, os.WriteFile(list, []byte("a==1"), 0o600))
	require.Error(t, once(stamp, list, install))
	require.NoError(t, once(stamp, list, install), "a failed one is done again")
	require.NoError(t, once(stamp, list, install))
	require.Equal(t, 2, times)
	require.NoError(t, os.WriteFile(list, []byte("a==2"), 0o600))
	require.NoError(t, once(stamp, list, install))
	require.Equal(t, 3, times, "a changed list is installed")
}
