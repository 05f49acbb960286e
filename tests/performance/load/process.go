package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage of a group of processes of the stack.
type usage struct {
	processes, files, sockets int
	memory                    int // resident, kilobytes
	cpu                       time.Duration
}

// usages of what make up started, by name; the functions are one of them.
func usages(dir string) (map[string]usage, error) {
	pids, err := filepath.Glob(filepath.Join(dir, "*.pid"))
	if err != nil {
		return nil, err
	}
	all := map[string]usage{}
	for _, path := range pids {
		name := strings.TrimSuffix(filepath.Base(path), ".pid")
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		leader, _, _ := strings.Cut(string(b), " ")
		all[name] = usageOf(leader)
		if name == "emulator" {
			all["functions"] = members(leader)
		}
	}
	return all, nil
}

// members are the processes that another one started, in its process group.
func members(leader string) usage {
	var sum usage
	entries, _ := os.ReadDir("/proc") // none on a machine without it
	for _, e := range entries {
		if e.Name() == leader || group(e.Name()) != leader {
			continue
		}
		u := usageOf(e.Name())
		sum.processes += u.processes
		sum.files += u.files
		sum.sockets += u.sockets
		sum.memory += u.memory
		sum.cpu += u.cpu
	}
	return sum
}

func group(pid string) string {
	if f := stat(pid); f != nil {
		return f[2]
	}
	return ""
}

// Linux counts processor time in these, whatever its own clock's rate (proc(5), utime).
const clockTick = 10 * time.Millisecond

// cpuOf a process, all its threads.
func cpuOf(pid string) time.Duration {
	f := stat(pid)
	if f == nil {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * clockTick
}

// stat is what the system says of a process behind its name; nil for one that has ended.
func stat(pid string) []string {
	b, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return nil
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 13 {
		return nil
	}
	return fields
}

// usageOf a process; nothing for one that has ended.
func usageOf(pid string) usage {
	links, err := os.ReadDir(filepath.Join("/proc", pid, "fd"))
	if err != nil {
		return usage{}
	}
	u := usage{processes: 1, files: len(links), cpu: cpuOf(pid)}
	for _, l := range links {
		if to, err := os.Readlink(filepath.Join("/proc", pid, "fd", l.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			u.sockets++
		}
	}
	status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return u
	}
	for line := range strings.Lines(string(status)) {
		if value, is := strings.CutPrefix(line, "VmRSS:"); is {
			u.memory, _ = strconv.Atoi(strings.Fields(value)[0])
		}
	}
	return u
}

// each is what one of the group's processes uses, on average.
func (u usage) each() usage {
	n := max(1, u.processes)
	return usage{processes: 1, files: u.files / n, sockets: u.sockets / n, memory: u.memory / n}
}

// grown tells what a process has more of than it may: a fifth and a few, to which pools
// may grow, and what room gives for its peers; of memory a third. What keeps the data
// keeps more with every invoice.
func (u usage) grown(first usage, room int, keeps bool) []string {
	var what []string
	for name, n := range map[string][2]int{"files": {first.files, u.files}, "sockets": {first.sockets, u.sockets}} {
		if n[1] > n[0]+n[0]/5+20+room {
			what = append(what, fmt.Sprintf("%s %d → %d", name, n[0], n[1]))
		}
	}
	if !keeps && u.memory > first.memory+first.memory/3+20<<10 {
		what = append(what, fmt.Sprintf("memory %d → %d MB", first.memory>>10, u.memory>>10))
	}
	return what
}
