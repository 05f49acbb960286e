package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/invochain/invochain/shared/deployment"
)

// deploy brings the data and service stacks to what the app says.
func (s *stack) deploy(ctx context.Context) error {
	if err := s.bootstrap(ctx); err != nil {
		return err
	}
	return s.cdk(ctx, s.root, "deploy", "InvoChain-Data", "InvoChain-Service", "--require-approval", "never",
		"--outputs-file", s.file("outputs.json"), "--output", s.file("cdk.out"),
		"-c", "arch="+runtime.GOARCH, "-c", "retain=false", "-c", "telemetry=stdout", "-c", "trace-sample="+strconv.FormatFloat(s.sample, 'f', -1, 64))
}

// bootstrap is done once for each run of the emulator, in a folder without a
// cdk.json, so that no app is synthesized for it.
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
	env := append(s.credentials(), "AWS_PROFILE=", "AWS_SESSION_TOKEN=", "CDK_DISABLE_VERSION_CHECK=1", "CDK_DISABLE_CLI_TELEMETRY=true",
		"JSII_DEPRECATED=quiet", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
	return command(ctx, dir, env, filepath.Join(s.root, "node_modules", ".bin", "cdk"), append(args, "--ci", "--no-notices")...)
}

// outputs are the deployed stacks' outputs, by name.
func (s *stack) outputs() (map[string]string, error) {
	b, err := os.ReadFile(s.file("outputs.json"))
	if err != nil {
		return nil, err
	}
	var stacks map[string]map[string]string
	if err := json.Unmarshal(b, &stacks); err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, outputs := range stacks {
		maps.Copy(all, outputs)
	}
	return all, nil
}

// writeEnv says in stack.env where everything is. It appears whole or not at all.
func (s *stack) writeEnv(outputs map[string]string, frontPort int) error {
	lines := append(s.credentials(), fmt.Sprintf("API_URL=http://localhost:%d", frontPort), "INVOCHAIN_FUNCTION_LOG="+s.file("functions.log"))
	if _, running := s.running("faults"); running {
		lines = append(lines, "INVOCHAIN_FAULTS_URL="+s.faultsAt())
	}
	var missing []string
	for _, n := range deployment.Outputs() {
		if outputs[n.Name] == "" {
			missing = append(missing, n.Name)
		}
		lines = append(lines, n.Variable+"="+outputs[n.Name])
	}
	if len(missing) > 0 {
		return fmt.Errorf("the stacks have no output %s", strings.Join(missing, ", "))
	}
	slices.Sort(lines)
	whole := s.file("stack.env.new")
	if err := os.WriteFile(whole, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(whole, s.file("stack.env"))
}

// readEnv reads KEY=VALUE lines.
func readEnv(path string) (map[string]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	for line := range strings.Lines(string(b)) {
		k, v, found := strings.Cut(strings.TrimSpace(line), "=")
		if !found {
			return nil, fmt.Errorf("%s holds a line without =", path)
		}
		env[k] = v
	}
	return env, nil
}
