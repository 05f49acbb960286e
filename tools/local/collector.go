package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/invochain/invochain/shared/deployment"
)

func (s *stack) collector() string { return filepath.Join(s.cache, "bin", "collector") }

// buildCollector makes the program that shows the fleet's metrics.
func (s *stack) buildCollector(ctx context.Context) error {
	release, err := s.onlyInstaller()
	if err != nil {
		return err
	}
	defer release()
	return command(ctx, s.root, nil, "go", "build", "-o", s.collector(), "./tools/collector")
}

// startCollector starts it anew: it may be another program since, and arrives at the
// same sums. It is told where everything is, as the functions are.
func (s *stack) startCollector(ctx context.Context) error {
	outputs, err := s.outputs()
	if err != nil {
		return err
	}
	env := s.credentials()
	for _, n := range deployment.Outputs() {
		env = append(env, n.Variable+"="+outputs[n.Name])
	}
	want, _ := strconv.Atoi(s.savedPort("collector"))
	if _, err := s.stop("collector"); err != nil {
		return err
	}
	port, err := freePort(ctx, want)
	if err != nil {
		return err
	}
	err = s.start(ctx, "collector", port, env, s.collector(), "-addr", fmt.Sprintf("127.0.0.1:%d", port),
		"-log", s.file("functions.log"), "-journal", s.file("collector.journal"))
	if err != nil {
		return err
	}
	return s.awaitUp(ctx, "collector", s.metricsAt()+"/health")
}

// reserveCollector chooses the port before the functions' settings are written: with
// INVOCHAIN_TELEMETRY=otlp they send there.
func (s *stack) reserveCollector(ctx context.Context) error {
	port, err := freePort(ctx, 0)
	if err != nil {
		return err
	}
	return os.WriteFile(s.file("collector.port"), []byte(strconv.Itoa(port)), 0o600)
}

func (s *stack) metricsAt() string { return "http://127.0.0.1:" + s.savedPort("collector") }
