package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/invochain/invochain/tools/process"
)

// status prints which programs run, where they listen, and whether the API is ready.
func (s *stack) status(ctx context.Context) error {
	for _, name := range s.programNames() {
		pid, running := s.programs.Running(name)
		if !running {
			fmt.Printf("%-10s is not running\n", name)
			continue
		}
		fmt.Printf("%-10s runs, pid %d, http://127.0.0.1:%s\n", name, pid, s.programs.Port(name))
		if name == "emulator" {
			fmt.Printf("%-10s %d warm processes\n", "functions", len(s.programs.Members(pid)))
		}
	}
	env, err := readEnv(s.file("stack.env"))
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Println("nothing is deployed: run make up")
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Printf("%-10s %s\n", "API", env["API_URL"])
	fmt.Printf("%-10s %s\n", "ready", readiness(ctx, env["API_URL"]))
	fmt.Printf("%-10s %s\n", "settings", s.file("stack.env"))
	return nil
}

// readiness returns the answer of /health/ready, or why there is none.
func readiness(ctx context.Context, api string) string {
	answer, err := process.Get(ctx, api+"/health/ready")
	if err != nil {
		return "✗ " + err.Error()
	}
	return strings.TrimSpace(answer)
}
