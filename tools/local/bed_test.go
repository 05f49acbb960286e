package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPickBed(t *testing.T) {
	for _, name := range []string{onMiniStack, onLocalStackHost, onLocalStackDocker} {
		b, err := pickBed(t.Context(), name)
		require.NoError(t, err)
		require.Equal(t, name, b.name)
	}
	_, err := pickBed(t.Context(), "moto")
	require.ErrorContains(t, err, `no bed "moto": ministack, localstack`)
}

func TestLocalStackIsItsImageWhereAnEngineRuns(t *testing.T) {
	for exit, want := range map[int]string{0: onLocalStackDocker, 1: onLocalStackHost} {
		folder := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(folder, "docker"), fmt.Appendf(nil, "#!/bin/sh\nexit %d\n", exit), 0o700))
		t.Setenv("PATH", folder)
		b, err := pickBed(t.Context(), onLocalStack)
		require.NoError(t, err)
		require.Equal(t, want, b.name)
	}
}

func TestTheImageIsReachedOnLoopbackOnly(t *testing.T) {
	args := strings.Join(testStack(t).containerArgs(4567), " ")
	require.Contains(t, args, "--publish 127.0.0.1:4567:4567 ")
	require.Contains(t, args, "--env GATEWAY_LISTEN=0.0.0.0:4567 ")
	require.Equal(t, 1, strings.Count(args, "--publish"))
	require.True(t, strings.HasSuffix(args, " "+localStackImage))
}

func TestAnotherBedsStackIsLeftAlone(t *testing.T) {
	s := testStack(t)
	require.NoError(t, s.sameBed(), "nothing runs")
	require.NoError(t, os.WriteFile(s.file("bed"), []byte(onLocalStackHost), 0o600))
	require.NoError(t, s.sameBed(), "nothing runs any more")
	require.NoError(t, s.start(t.Context(), "emulator", 1, nil, "sleep", "60"))
	t.Cleanup(func() { _, _ = s.stop("emulator") })
	require.ErrorContains(t, s.sameBed(), "a stack on localstack-host runs in "+s.dir)
	require.NoError(t, os.WriteFile(s.file("bed"), []byte(onMiniStack), 0o600))
	require.NoError(t, s.sameBed())
}

// What holds frozen processes must not share a session with what starts it: when
// that ends, the kernel would hang up on it.
func TestWhatIsStartedLeadsASession(t *testing.T) {
	s := testStack(t)
	require.NoError(t, s.start(t.Context(), "emulator", 1, nil, "sleep", "60"))
	t.Cleanup(func() { _, _ = s.stop("emulator") })
	pid, _ := s.running("emulator")
	out, err := exec.CommandContext(t.Context(), "ps", "-o", "sid=", "-p", strconv.Itoa(pid)).Output()
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(pid), strings.TrimSpace(string(out)))
}
