package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// stat is what we ask of a process.
type stat struct {
	group int
	born  string // clock ticks since boot; empty if it is gone or a zombie
}

func processStat(pid int) stat {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}
	}
	// Behind the name, which is in parentheses and may hold blanks, the state is the
	// first field, the group the third and the start time the twentieth.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return stat{}
	}
	group, err := strconv.Atoi(fields[2])
	if err != nil {
		return stat{}
	}
	return stat{group, fields[19]}
}

// inGroup lists a group's processes, zombies left out.
func inGroup(group int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && processStat(pid).group == group {
			pids = append(pids, pid)
		}
	}
	return pids
}

// members are the function processes of an emulator's group. Their programs lie in
// the stack's folder: so they are told from a stranger's, should the group's number
// have been given out again.
func (s *stack) members(group int) []int {
	return slices.DeleteFunc(inGroup(group), func(pid int) bool {
		program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		return err != nil || !strings.HasPrefix(program, s.dir+string(filepath.Separator))
	})
}
