package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"syscall"
	"time"
)

const (
	region       = "ap-south-1"
	emulatorPort = 4566            // taken if it is free
	startLimit   = 2 * time.Minute // on a busy machine
)

func (s *stack) endpoint() string { return "http://127.0.0.1:" + s.savedPort("emulator") }

// credentials are the emulator's: any will do.
func (s *stack) credentials() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + s.endpoint(), "AWS_ENDPOINT_URL_S3=" + s.endpoint(), tablesVariable + "=" + s.tablesEndpoint(),
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
	}
}

// startEmulator leaves a running one alone: with its tables it holds the stack's data.
// Either without the other holds half of it, and is started anew too.
func (s *stack) startEmulator(ctx context.Context) error {
	if err := errors.Join(s.sameBed(), s.sameFaults()); err != nil {
		return err
	}
	_, emulator := s.running("emulator")
	if _, tables := s.running("tables"); !emulator || (s.bed.tablesBeside && !tables) {
		if err := s.startAnew(ctx); err != nil {
			return err
		}
	}
	return s.awaitUp(ctx, "emulator", s.endpoint()+s.bed.health)
}

func (s *stack) startAnew(ctx context.Context) error {
	for _, name := range []string{"emulator", "tables", "faults"} { // what a killed one left behind
		if _, err := s.stop(name); err != nil {
			return err
		}
	}
	if err := errors.Join(s.sweep(ctx), s.forgetInstance(), removed(s.file("functions.log"))); err != nil {
		return err
	}
	if s.bed.tablesBeside {
		if err := s.startTables(ctx); err != nil {
			return err
		}
	}
	port, err := freePort(ctx, emulatorPort)
	if err != nil {
		port, err = freePort(ctx, 0)
	}
	if err != nil {
		return err
	}
	if err := os.Mkdir(s.file("emulator"), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(s.file("bed"), []byte(s.bed.name), 0o600); err != nil {
		return err
	}
	if s.faults {
		if err := s.startFaults(ctx, port); err != nil {
			return err
		}
	}
	env, program, args := s.bed.program(s, port)
	return s.start(ctx, "emulator", port, env, program, args...)
}

// miniStackSettings are also what its functions see: AWS_ENDPOINT_URL among them is
// how a function finds the emulator, and the like for DynamoDB the tables.
func (s *stack) miniStackSettings(port int) []string {
	aws, tables := fmt.Sprintf("http://127.0.0.1:%d", port), s.tablesEndpoint()
	if s.faults { // the emulator itself asks neither
		aws, tables = s.faultsAt(), s.faultsAt()
	}
	return []string{
		fmt.Sprintf("GATEWAY_PORT=%d", port), "AWS_ENDPOINT_URL=" + aws, tablesVariable + "=" + tables,
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "MINISTACK_REGION=" + region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN=", "AWS_PROFILE=",
		"LAMBDA_ACCOUNT_CONCURRENCY=0", // no cap
		"LAMBDA_WARM_TTL_SECONDS=300", "LOG_LEVEL=WARNING",
		"IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0", // listeners that nobody asked for
		"TMPDIR=" + s.file("emulator"), "STATE_DIR=" + s.file("emulator/state"),
		"INVOCHAIN_FUNCTION_LOG=" + s.file("functions.log"),
	}
}

// awaitUp waits for a process that was started to answer.
func (s *stack) awaitUp(ctx context.Context, name, url string) error {
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if _, err := get(ctx, url); err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if _, running := s.running(name); !running {
			return fmt.Errorf("it ended at once:\n%s", tail(s.file(name+".log")))
		}
	}
	return fmt.Errorf("it does not answer at %s:\n%s", url, tail(s.file(name+".log")))
}

func get(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "", fmt.Errorf("nobody listens at %s", req.URL.Host)
	}
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
