package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/invochain/invochain/infra/output"
)

const (
	region       = "ap-south-1"
	emulatorPort = 4566
	startLimit   = 60 * time.Second
)

func (s *stack) endpoint() string { return "http://127.0.0.1:" + s.savedPort("emulator") }

// credentials are the emulator's: any will do.
func (s *stack) credentials() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + s.endpoint(), "AWS_ENDPOINT_URL_S3=" + s.endpoint(),
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
	}
}

// startEmulator leaves a running one alone: it holds the stack's data.
func (s *stack) startEmulator(ctx context.Context) error {
	if _, running := s.running("emulator"); running {
		return s.awaitUp(ctx, "emulator", s.endpoint()+"/_ministack/health")
	}
	if err := removed(s.file("bootstrapped")); err != nil {
		return err
	}
	port, err := freePort(ctx, emulatorPort, true)
	if err != nil {
		return err
	}
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	env := []string{
		"BIND_HOST=127.0.0.1", fmt.Sprintf("GATEWAY_PORT=%d", port),
		"AWS_ENDPOINT_URL=" + url, "AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "MINISTACK_REGION=" + region,
		"LAMBDA_ACCOUNT_CONCURRENCY=0", "LAMBDA_WARM_TTL_SECONDS=300", "LOG_LEVEL=WARNING",
		"TMPDIR=" + s.dir, "INVOCHAIN_FUNCTION_LOG=" + s.file("functions.log"),
	}
	err = s.start(ctx, "emulator", port, env, filepath.Join(s.cache, "ministack", "bin", "python"),
		filepath.Join(s.root, "infra", "local", "launch.py"))
	if err != nil {
		return err
	}
	return s.awaitUp(ctx, "emulator", url+"/_ministack/health")
}

// awaitUp waits for a process that was started to answer.
func (s *stack) awaitUp(ctx context.Context, name, url string) error {
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if _, err := get(ctx, url); err == nil {
			return nil
		}
		if _, running := s.running(name); !running {
			return fmt.Errorf("it ended at once:\n%s", tail(s.file(name+".log")))
		}
	}
	return fmt.Errorf("it does not answer at %s:\n%s", url, tail(s.file(name+".log")))
}

func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusInternalServerError {
		err = fmt.Errorf("%s answered %s: %s", url, resp.Status, body)
	}
	return string(body), err
}

// deploy brings the data and service stacks to what the app says.
func (s *stack) deploy(ctx context.Context) error {
	env := append(s.credentials(), "JSII_DEPRECATED=quiet", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20", "CDK_DISABLE_VERSION_CHECK=1")
	cdk := filepath.Join(s.root, "node_modules", ".bin", "cdk")
	assembly := s.file("cdk.out")
	settings := []string{"-c", "arch=" + runtime.GOARCH, "-c", "retain=false", "--output", assembly}
	if _, err := os.Stat(s.file("bootstrapped")); err != nil {
		// in a folder without a cdk.json, so that no app is synthesized
		if err := command(ctx, s.dir, env, cdk, "bootstrap", "aws://000000000000/"+region); err != nil {
			return err
		}
		if err := os.WriteFile(s.file("bootstrapped"), nil, 0o600); err != nil {
			return err
		}
	}
	args := append([]string{
		"deploy", "InvoChain-Data", "InvoChain-Service", "--require-approval", "never", "--ci",
		"--outputs-file", s.file("outputs.json"),
	}, settings...)
	if err := command(ctx, s.root, env, cdk, args...); err != nil {
		return err
	}
	return s.writeEnv()
}

// writeEnv turns the stacks' outputs into stack.env.
func (s *stack) writeEnv() error {
	b, err := os.ReadFile(s.file("outputs.json"))
	if err != nil {
		return err
	}
	var outputs map[string]map[string]string
	if err := json.Unmarshal(b, &outputs); err != nil {
		return err
	}
	lines := s.credentials()
	for _, stack := range outputs {
		for name, value := range stack {
			if env := output.Env(name); env != "" {
				lines = append(lines, env+"="+value)
			}
		}
	}
	if want := len(output.Names()) + len(s.credentials()); len(lines) != want {
		return fmt.Errorf("%d of %d outputs are missing", want-len(lines), want)
	}
	slices.Sort(lines)
	return os.WriteFile(s.file("stack.env"), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
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
			return nil, errors.New("stack.env holds a line without =")
		}
		env[k] = v
	}
	return env, nil
}
