package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// functions returns the processes whose executable is in a stack's folder, which are those
// of its functions.
func functions(folder string) (pids []int) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		program, err := os.Readlink(filepath.Join("/proc", e.Name(), "exe"))
		if err == nil && strings.HasPrefix(program, folder+string(filepath.Separator)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// worked returns the CPU time of each process, summed over its threads, in nanoseconds
// (proc(5), schedstat).
func worked(pids []int) map[int]int64 {
	all := map[int]int64{}
	for _, pid := range pids {
		stats, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		if err != nil {
			continue
		}
		for _, path := range stats {
			b, err := os.ReadFile(path)
			if err != nil {
				continue // the thread has ended
			}
			first, _, _ := strings.Cut(string(b), " ")
			n, _ := strconv.ParseInt(first, 10, 64)
			all[pid] += n
		}
	}
	return all
}
