package process_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/process"
)

const (
	timeout = 5 * time.Second
	poll    = 10 * time.Millisecond
)

// fixture is a folder of programs.
type fixture struct {
	process.Folder
	dir string
}

func setup(t *testing.T) fixture {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir()) // as /proc shows executables
	require.NoError(t, err)
	return fixture{process.Folder(dir), dir}
}

func (f fixture) path(name string) string { return filepath.Join(f.dir, name) }

// start starts a program that the test's end stops.
func (f fixture) start(t *testing.T, name string, command ...string) (pid int) {
	t.Helper()
	_, err := f.Start(t.Context(), process.Program{Name: name, Port: 4567, Command: command})
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = f.Stop(t.Context(), name) })
	pid, running := f.Running(name)
	require.True(t, running)
	return pid
}

// spawn runs a program for a minute outside of any folder, in its own group on request.
func spawn(t *testing.T, program string, ownGroup bool) (pid int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "60")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: ownGroup}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Wait() })
	return cmd.Process.Pid
}

// copyOfSleep copies the program sleep, so that its executable lies elsewhere.
func copyOfSleep(t *testing.T, to string) {
	t.Helper()
	path, err := exec.LookPath("sleep")
	require.NoError(t, err)
	from, err := os.Open(path)
	require.NoError(t, err)
	b, err := io.ReadAll(from)
	require.NoError(t, err)
	require.NoError(t, from.Close())
	require.NoError(t, os.WriteFile(to, b, 0o700))
}

func exists(pid int) bool {
	_, ok := process.ReadStat(pid)
	return ok
}
