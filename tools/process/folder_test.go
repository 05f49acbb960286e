package process_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/process"
)

func TestStopEndsTheGroup(t *testing.T) {
	t.Parallel()
	f := setup(t)
	pid := f.start(t, "emulator", "sh", "-c", `sleep 60 & echo $! > "$0"; wait`, f.path("child"))
	require.Equal(t, "4567", f.Port("emulator"))
	var child int
	require.Eventually(t, func() bool {
		b, err := os.ReadFile(f.path("child"))
		n, _ := fmt.Sscan(string(b), &child)
		return err == nil && n == 1
	}, timeout, poll)

	stopped, err := f.Stop(t.Context(), "emulator")
	require.NoError(t, err)
	require.True(t, stopped)
	require.False(t, exists(pid))
	require.False(t, exists(child), "a child must end with the program")
	require.NoFileExists(t, f.path("emulator.pid"))

	stopped, err = f.Stop(t.Context(), "emulator")
	require.NoError(t, err)
	require.False(t, stopped, "the program is stopped already")
}

// TestStopSparesOtherProcesses covers pid files that outlived their program.
func TestStopSparesOtherProcesses(t *testing.T) {
	t.Parallel()
	other := spawn(t, "sleep", false)
	for name, content := range map[string]string{
		"another start time": fmt.Sprintf("%d 1", other),
		"no start time":      strconv.Itoa(other),
		"empty":              "",
		"not a number":       "x y",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			require.NoError(t, os.WriteFile(f.path("gateway.pid"), []byte(content), 0o600))
			stopped, err := f.Stop(t.Context(), "gateway")
			require.NoError(t, err)
			require.False(t, stopped)
			require.True(t, exists(other))
			require.NoFileExists(t, f.path("gateway.pid"))
		})
	}
}

// TestStopEndsOrphans covers a program that was killed and left processes in its group.
func TestStopEndsOrphans(t *testing.T) {
	t.Parallel()
	f := setup(t)
	copyOfSleep(t, f.path("bootstrap"))
	orphan, other := spawn(t, f.path("bootstrap"), true), spawn(t, "sleep", true)
	require.Equal(t, []int{orphan}, f.Members(orphan))
	require.Empty(t, f.Members(other), "its executable lies outside the folder")
	require.Equal(t, []int{orphan}, f.Executed())

	for _, group := range []int{orphan, other} {
		require.NoError(t, os.WriteFile(f.path("emulator.pid"), fmt.Appendf(nil, "%d 1", group), 0o600))
		_, err := f.Stop(t.Context(), "emulator")
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return !exists(orphan) }, timeout, poll)
	require.True(t, exists(other))
}

// TestProgramLeadsASession checks that the kernel does not send SIGHUP to a group with
// frozen processes when the starting process ends.
func TestProgramLeadsASession(t *testing.T) {
	t.Parallel()
	pid := setup(t).start(t, "emulator", "sleep", "60")
	out, err := exec.CommandContext(t.Context(), "ps", "-o", "sid=", "-p", strconv.Itoa(pid)).Output()
	require.NoError(t, err)
	require.Equal(t, strconv.Itoa(pid), strings.TrimSpace(string(out)))
}

func TestExitIsReportedWithTheLog(t *testing.T) {
	t.Parallel()
	f := setup(t)
	exited, err := f.Start(t.Context(), process.Program{
		Name: "p", Env: []string{"WHY=broken"}, Command: []string{"sh", "-c", "echo $WHY; exit 3"},
	})
	require.NoError(t, err)
	require.ErrorContains(t, <-exited, "exit status 3")
	require.Equal(t, "broken", f.LogTail("p"))
	_, running := f.Running("p")
	require.False(t, running)
}

func TestNames(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.start(t, "a", "sleep", "60")
	f.start(t, "b", "sleep", "60")
	_, err := f.Stop(t.Context(), "a")
	require.NoError(t, err)
	names, err := f.Names()
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, names)
}
