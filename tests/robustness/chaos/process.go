package main

import (
	"time"

	"github.com/invochain/invochain/tools/process"
)

// functions returns the processes whose executable is in a stack's folder, which are those
// of its functions.
func functions(folder string) []int { return process.Folder(folder).Executed() }

// worked returns the CPU time of each process, summed over its threads.
func worked(pids []int) map[int]time.Duration {
	all := map[int]time.Duration{}
	for _, pid := range pids {
		all[pid] = process.RunTime(pid)
	}
	return all
}
