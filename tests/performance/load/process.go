package main

import (
	"fmt"
	"slices"

	"github.com/invochain/invochain/tools/process"
)

// usages returns the usage of the programs that `make up` started and of the functions, by
// name.
func usages(dir string) (map[string]process.Usage, error) {
	programs := process.Folder(dir)
	names, err := programs.Names()
	if err != nil {
		return nil, err
	}
	all := map[string]process.Usage{}
	for _, name := range names {
		leader, _ := programs.Running(name)
		all[name] = process.ReadUsage(leader)
		if name == "emulator" {
			functions := slices.DeleteFunc(process.Group(leader), func(pid int) bool { return pid == leader })
			all["functions"] = process.ReadUsage(functions...)
		}
	}
	return all, nil
}

// each returns the average usage of the processes in u.
func each(u process.Usage) process.Usage {
	n := max(1, u.Processes)
	return process.Usage{Processes: 1, Files: u.Files / n, Sockets: u.Sockets / n, Memory: u.Memory / n}
}

// grown lists the resources of which a process uses too much more than at first: more than
// a fifth plus 20, to which pools may grow, plus room for its peers; of memory a third.
// Memory is not checked for a process that keeps the data.
func grown(first, last process.Usage, room int, keeps bool) []string {
	var what []string
	for name, n := range map[string][2]int{
		"files": {first.Files, last.Files}, "sockets": {first.Sockets, last.Sockets},
	} {
		if n[1] > n[0]+n[0]/5+20+room {
			what = append(what, fmt.Sprintf("%s %d → %d", name, n[0], n[1]))
		}
	}
	if !keeps && last.Memory > first.Memory+first.Memory/3+20<<10 {
		what = append(what, fmt.Sprintf("memory %d → %d MB", first.Memory>>10, last.Memory>>10))
	}
	return what
}
