package main

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// status says what runs and where, and what the system says of itself.
func (s *stack) status(ctx context.Context) error {
	for _, name := range s.processes() {
		pid, running := s.running(name)
		if !running {
			fmt.Printf("%-10s does not run\n", name)
			continue
		}
		fmt.Printf("%-10s runs, pid %d, http://127.0.0.1:%s\n", name, pid, s.savedPort(name))
		if name == "emulator" {
			fmt.Printf("%-10s %d warm processes\n", "functions", len(s.members(pid)))
		}
	}
	env, err := readEnv(s.file("stack.env"))
	if os.IsNotExist(err) {
		fmt.Println("nothing is deployed: run make up")
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Printf("%-10s %s\n%-10s %s\n%-10s %s\n", "API", env["API_URL"], "ready", readiness(ctx, env["API_URL"]), "settings", s.file("stack.env"))
	return nil
}

func readiness(ctx context.Context, api string) string {
	answer, err := get(ctx, api+"/health/ready")
	if err != nil {
		return "✗ " + err.Error()
	}
	return strings.TrimSpace(answer)
}
