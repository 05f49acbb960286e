package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is the resource usage of a group of the stack's processes.
type usage struct {
	processes, files, sockets int
	memory                    int // resident, kilobytes
	cpu                       time.Duration
}

// usages returns the usage of the programs that `make up` started and of the functions, by
// name.
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

// members returns the usage of a process group without its leader.
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

// clockTick is the unit of CPU times in /proc, USER_HZ (proc(5), utime).
const clockTick = 10 * time.Millisecond

// cpuOf returns the CPU time of a process over all its threads.
func cpuOf(pid string) time.Duration {
	f := stat(pid)
	if f == nil {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * clockTick
}

// stat returns the fields of /proc/PID/stat after the program's name; nil if the process
// has ended.
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

// usageOf returns the usage of one process; zero if it has ended.
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

// each returns the average usage of the group's processes.
func (u usage) each() usage {
	n := max(1, u.processes)
	return usage{processes: 1, files: u.files / n, sockets: u.sockets / n, memory: u.memory / n}
}

// grown lists the resources of which a process uses too much more than at first: more than
// a fifth plus 20, to which pools may grow, plus room for its peers; of memory a third.
// Memory is not checked for a process that keeps the data.
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
