package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
)

// deploy deploys the data and service stacks.
func (s *stack) deploy(ctx context.Context) error {
	if err := s.bootstrap(ctx); err != nil {
		return err
	}
	sample := strconv.FormatFloat(s.sample, 'f', -1, 64)
	args := []string{
		"deploy", "InvoChain-Data", "InvoChain-Service", "--require-approval", "never",
		"--outputs-file", s.file("outputs.json"), "--output", s.file("cdk.out"),
		"-c", "arch=" + runtime.GOARCH, "-c", "retain=false", "-c", "telemetry=stdout", "-c", "callers=local",
		"-c", "mode=test", "-c", "concurrency=0",
		"-c", "log-sample=" + sample, "-c", "trace-sample=" + sample,
	}
	if s.port != 0 { // otherwise the port is not known yet, and tokens name the address at the emulator
		args = append(args, "-c", fmt.Sprintf("issuer=http://localhost:%d", s.port))
	}
	if err := s.cdk(ctx, s.root, args...); err != nil {
		return err
	}
	return s.lockAuditBucket(ctx)
}

// bootstrap bootstraps the emulator for the CDK, once in each of its runs. It works in a
// folder without a cdk.json, so that the CDK does not synthesize the app.
func (s *stack) bootstrap(ctx context.Context) error {
	if _, err := os.Stat(s.file("bootstrapped")); err == nil {
		return nil
	}
	if err := s.cdk(ctx, s.dir, "bootstrap", "aws://000000000000/"+region); err != nil {
		return err
	}
	return os.WriteFile(s.file("bootstrapped"), nil, 0o600)
}

func (s *stack) cdk(ctx context.Context, dir string, args ...string) error {
	env := append(s.awsEnv(), "AWS_PROFILE=", "AWS_SESSION_TOKEN=",
		"CDK_DISABLE_VERSION_CHECK=1", "CDK_DISABLE_CLI_TELEMETRY=true",
		"JSII_DEPRECATED=quiet", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
	program := filepath.Join(s.root, "node_modules", ".bin", "cdk")
	return command(ctx, dir, env, program, append(args, "--ci", "--no-notices")...)
}
