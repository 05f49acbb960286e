package main

import (
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	for output, want := range map[string][2]int{
		"go version go1.26.8 linux/amd64": {1, 26},
		"Python 3.11.9\n":                 {3, 11},
		"v20.20.2":                        {20, 20},
		"pyenv: command not found":        {0, 0},
	} {
		t.Run(output, func(t *testing.T) {
			t.Parallel()
			major, minor := version([]byte(output))
			require.Equal(t, want, [2]int{major, minor})
		})
	}
}

func TestEveryMissingToolIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := setup(t).check(t.Context())
	for _, tool := range []string{"Go 1.26", "Python 3.11", "Node 20", "JDK, 17", "npm"} {
		require.ErrorContains(t, err, tool)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	s := setup(t)
	require.NoError(t, s.checkPort(t.Context()), "0 is any free port")
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	s.port, err = strconv.Atoi(port)
	require.NoError(t, err)
	require.ErrorContains(t, s.checkPort(t.Context()), "port "+port+" is in use by another program")
	require.ErrorContains(t, s.checkPort(t.Context()), "make up PORT=")
}

func TestMissingDynamoDBLocalIsNamed(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, setup(t).checkTables(), "make dynamodb-local")
}
