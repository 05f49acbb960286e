package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Usage is the resources that one or more processes use.
type Usage struct {
	Processes, Files, Sockets int
	Memory                    int // resident, in kilobytes
	CPU                       time.Duration
}

// ReadUsage returns the sum of what processes use. A process that has ended adds nothing.
func ReadUsage(pids ...int) Usage {
	var sum Usage
	for _, pid := range pids {
		u := readUsage(pid)
		sum.Processes += u.Processes
		sum.Files += u.Files
		sum.Sockets += u.Sockets
		sum.Memory += u.Memory
		sum.CPU += u.CPU
	}
	return sum
}

func readUsage(pid int) Usage {
	folder := fmt.Sprintf("/proc/%d/fd", pid)
	links, err := os.ReadDir(folder)
	if err != nil {
		return Usage{}
	}
	stat, _ := ReadStat(pid)
	u := Usage{Processes: 1, Files: len(links), CPU: stat.CPU, Memory: residentMemory(pid)}
	for _, l := range links {
		if to, err := os.Readlink(filepath.Join(folder, l.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			u.Sockets++
		}
	}
	return u
}

func residentMemory(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, _ := strconv.Atoi(strings.Fields(value)[0])
			return kilobytes
		}
	}
	return 0
}

// RunTime returns how long the threads of a process have been running on a processor. It
// is exact to the nanosecond (proc(5), schedstat), unlike Stat.CPU.
func RunTime(pid int) time.Duration {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil {
		return 0
	}
	var sum time.Duration
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		first, _, _ := strings.Cut(string(b), " ")
		n, _ := strconv.ParseInt(first, 10, 64)
		sum += time.Duration(n)
	}
	return sum
}
