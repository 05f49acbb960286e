package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/invochain/invochain/tools/process"
)

func (s *stack) collectorProgram() string { return filepath.Join(s.cache, "bin", "collector") }

func (s *stack) collectorURL() string { return "http://127.0.0.1:" + s.programs.Port("collector") }

// buildProgram builds a program of the folder tools into the cache.
func (s *stack) buildProgram(ctx context.Context, name string) error {
	release, err := s.lockCache()
	if err != nil {
		return err
	}
	defer release()
	return command(ctx, s.root, nil, "go", "build", "-o", filepath.Join(s.cache, "bin", name), "./tools/"+name)
}

// startCollector restarts the collector, because its program may have changed. It recovers
// its sums from the functions' log. It gets the same settings as the functions.
func (s *stack) startCollector(ctx context.Context) error {
	outputs, err := s.outputs()
	if err != nil {
		return err
	}
	port, _ := strconv.Atoi(s.programs.Port("collector"))
	if _, err := s.programs.Stop(ctx, "collector"); err != nil {
		return err
	}
	port, err = process.FreePort(ctx, port)
	if err != nil {
		return err
	}
	err = s.start(ctx, process.Program{
		Name: "collector", Port: port, Env: append(s.awsEnv(), envLines(outputs)...),
		Command: []string{
			s.collectorProgram(), "-addr", fmt.Sprintf("127.0.0.1:%d", port), "-log", s.file("functions.log"),
		},
	})
	if err != nil {
		return err
	}
	return s.awaitAnswer(ctx, "collector", s.collectorURL()+"/health")
}
