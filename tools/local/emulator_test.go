package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPickEmulator(t *testing.T) {
	t.Parallel()
	for _, name := range []string{onMiniStack, onMiniStackIAM, onLocalStackHost, onLocalStackDocker} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := pickEmulator(t.Context(), name)
			require.NoError(t, err)
			require.Equal(t, name, e.name)
		})
	}
	_, err := pickEmulator(t.Context(), "moto")
	require.ErrorContains(t, err, `no emulator "moto"; use one of ministack, ministack-iam, localstack`)
}

func TestLocalStackIsItsImageWhereADockerEngineRuns(t *testing.T) {
	for exit, want := range map[int]string{0: onLocalStackDocker, 1: onLocalStackHost} {
		t.Run(want, func(t *testing.T) {
			folder := t.TempDir()
			docker := fmt.Appendf(nil, "#!/bin/sh\nexit %d\n", exit)
			require.NoError(t, os.WriteFile(filepath.Join(folder, "docker"), docker, 0o700))
			t.Setenv("PATH", folder)
			e, err := pickEmulator(t.Context(), onLocalStack)
			require.NoError(t, err)
			require.Equal(t, want, e.name)
		})
	}
}

func TestImageIsPublishedOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	command := strings.Join(setup(t).dockerCommand(4567), " ")
	require.Contains(t, command, "--publish 127.0.0.1:4567:4567 ")
	require.Contains(t, command, "--env GATEWAY_LISTEN=0.0.0.0:4567 ")
	require.Equal(t, 1, strings.Count(command, "--publish"))
	require.True(t, strings.HasSuffix(command, " "+localStackImage))
}

// TestLaunchersExist checks the paths that the emulators' commands name.
func TestLaunchersExist(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	for _, e := range []emulator{miniStack(), localStackHost()} {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t)
			s.root, s.emulator = root, e
			_, command := e.command(s, 4567)
			require.FileExists(t, command[len(command)-1])
		})
	}
}

func TestStackOfAnotherEmulatorIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := setup(t)
	require.NoError(t, s.checkEmulator(), "nothing runs")
	require.NoError(t, os.WriteFile(s.file("emulator.name"), []byte(onLocalStackHost), 0o600))
	require.NoError(t, s.checkEmulator(), "nothing runs any more")
	startSleep(t, s, "emulator")
	require.ErrorContains(t, s.checkEmulator(), "a stack on localstack-host runs in "+s.dir)
	require.NoError(t, os.WriteFile(s.file("emulator.name"), []byte(onMiniStack), 0o600))
	require.NoError(t, s.checkEmulator())
}
