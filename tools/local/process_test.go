package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func testStack(t *testing.T) *stack {
	t.Helper()
	return &stack{root: t.TempDir(), dir: t.TempDir(), cache: t.TempDir(), bed: miniStack(), began: time.Now()}
}

func TestStopEndsTheGroup(t *testing.T) {
	s := testStack(t)
	script := `sleep 60 & echo $! > "$0"; wait`
	require.NoError(t, s.start(t.Context(), "emulator", 4567, nil, "sh", "-c", script, s.file("child")))
	pid, running := s.running("emulator")
	require.True(t, running)
	require.Equal(t, "4567", s.savedPort("emulator"))
	var child int
	require.Eventually(t, func() bool {
		b, err := os.ReadFile(s.file("child"))
		n, _ := fmt.Sscan(string(b), &child)
		return err == nil && n == 1
	}, 5*time.Second, 10*time.Millisecond)

	stopped, err := s.stop("emulator")
	require.NoError(t, err)
	require.True(t, stopped)
	require.Empty(t, processStat(pid).born)
	require.Empty(t, processStat(child).born, "its children end with it")
	require.NoFileExists(t, s.file("emulator.pid"))

	stopped, err = s.stop("emulator")
	require.NoError(t, err)
	require.False(t, stopped, "a second time there is nothing to stop")
}

// A pid file may outlive its process, and the number be given to another.
func TestStopSparesAStranger(t *testing.T) {
	s := testStack(t)
	stranger := spawn(t, "sleep", false)
	for name, content := range map[string]string{
		"another start time": fmt.Sprintf("%d 1", stranger),
		"no start time":      strconv.Itoa(stranger),
		"empty":              "",
		"not a number":       "x y",
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(s.file("front.pid"), []byte(content), 0o600))
			stopped, err := s.stop("front")
			require.NoError(t, err)
			require.False(t, stopped)
			require.NotEmpty(t, processStat(stranger).born)
			require.NoFileExists(t, s.file("front.pid"))
		})
	}
}

// An emulator that was killed leaves its functions behind, in its group.
func TestStopEndsOrphans(t *testing.T) {
	s := testStack(t)
	bootstrap := copyOfSleep(t, s.file("bootstrap"))
	orphan, stranger := spawn(t, bootstrap, true), spawn(t, "sleep", true)
	require.Equal(t, []int{orphan}, s.members(orphan))
	require.Empty(t, s.members(stranger), "its program is not in the stack's folder")

	for _, group := range []int{orphan, stranger} {
		require.NoError(t, os.WriteFile(s.file("emulator.pid"), fmt.Appendf(nil, "%d 1", group), 0o600))
		_, err := s.stop("emulator")
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return processStat(orphan).born == "" }, 5*time.Second, 10*time.Millisecond)
	require.NotEmpty(t, processStat(stranger).born)
}

func spawn(t *testing.T, program string, ownGroup bool) (pid int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "60")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: ownGroup}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Wait() })
	return cmd.Process.Pid
}

func copyOfSleep(t *testing.T, to string) string {
	t.Helper()
	path, err := exec.LookPath("sleep")
	require.NoError(t, err)
	from, err := os.Open(path)
	require.NoError(t, err)
	b, err := io.ReadAll(from)
	require.NoError(t, err)
	require.NoError(t, from.Close())
	require.NoError(t, os.WriteFile(to, b, 0o700))
	resolved, err := filepath.EvalSymlinks(to)
	require.NoError(t, err)
	return resolved
}

func TestOnlyOneAtATime(t *testing.T) {
	s := testStack(t)
	require.NoError(t, s.alone(func() error {
		require.ErrorContains(t, s.alone(func() error { return nil }), "another up or down is at work")
		return nil
	}))
	require.NoError(t, s.alone(func() error { return nil }))
}
