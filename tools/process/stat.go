package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stat is what /proc/PID/stat reports about a process.
type Stat struct {
	Group   int
	Started string        // clock ticks since boot
	CPU     time.Duration // processor time of all threads
}

// clockTick is the unit of processor time in /proc, whatever the kernel's own timer
// frequency is (proc(5), utime).
const clockTick = 10 * time.Millisecond

// ReadStat returns the stat of a process. It reports false if the process has ended, also
// if its parent has not collected it yet.
func ReadStat(pid int) (Stat, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Stat{}, false
	}
	// The name is in parentheses and may contain blanks. In the fields after it, the state is
	// number 0, the group 2, user time 11, system time 12 and the start time 19.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return Stat{}, false
	}
	group, err := strconv.Atoi(fields[2])
	if err != nil {
		return Stat{}, false
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return Stat{group, fields[19], time.Duration(user+system) * clockTick}, true
}

// Group returns the processes of a process group.
func Group(group int) []int {
	return slices.DeleteFunc(all(), func(pid int) bool {
		stat, exists := ReadStat(pid)
		return !exists || stat.Group != group
	})
}

// Executed returns the processes whose executable lies in the folder.
func (f Folder) Executed() []int {
	return slices.DeleteFunc(all(), func(pid int) bool { return !f.executes(pid) })
}

// Members returns the processes of a group whose executable lies in the folder. These
// belong to the programs of the folder even if the number of the group has been reused.
func (f Folder) Members(group int) []int {
	return slices.DeleteFunc(Group(group), func(pid int) bool { return !f.executes(pid) })
}

func (f Folder) executes(pid int) bool {
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return err == nil && strings.HasPrefix(path, string(f)+string(filepath.Separator))
}

// all returns the processes of this machine, none on a machine without /proc.
func all() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
