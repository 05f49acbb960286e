package process_test

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/process"
)

func TestReadUsage(t *testing.T) {
	t.Parallel()
	before := process.ReadUsage(os.Getpid())
	var lc net.ListenConfig
	for range 50 { // more than other tests may close meanwhile
		l, err := lc.Listen(t.Context(), "tcp4", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { _ = l.Close() })
	}
	u := process.ReadUsage(os.Getpid())
	require.Equal(t, 1, u.Processes)
	require.Greater(t, u.Sockets, before.Sockets)
	require.GreaterOrEqual(t, u.Files, u.Sockets)
	require.Positive(t, u.Memory)
}

func TestReadUsageSumsProcesses(t *testing.T) {
	t.Parallel()
	pid := spawn(t, "sleep", true)
	require.Equal(t, 2, process.ReadUsage(pid, os.Getpid()).Processes)
	require.Equal(t, process.Usage{}, process.ReadUsage(-1), "a process that has ended uses nothing")
}

func TestRunTimeGrowsWithWork(t *testing.T) {
	t.Parallel()
	before := process.RunTime(os.Getpid())
	for began := time.Now(); time.Since(began) < 20*time.Millisecond; {
		continue
	}
	require.Greater(t, process.RunTime(os.Getpid()), before)
	require.Zero(t, process.RunTime(-1))
}
