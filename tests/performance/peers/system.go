package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// system is a saga engine in a process that can be killed and restarted.
type system struct {
	name, durability string
	command          []string
	env              []string
	dir              string // working directory, which also holds an embedded store
	address          string // that it listens on
	steps            string // URL of the step server
	dtm              bool   // speaks dtm's protocol
	onDisk           bool   // ours a second time, with DynamoDB Local on disk

	process *exec.Cmd
}

var errUndone = errors.New("undone")

func (s *system) start(ctx context.Context) error {
	s.process = exec.CommandContext(ctx, s.command[0], s.command[1:]...)
	s.process.Dir = s.dir
	s.process.Env = append(s.process.Environ(), s.env...)
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	s.process.Stdout, s.process.Stderr = log, log
	defer func() { _ = log.Close() }()
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("start %s: %w", s.name, err)
	}
	return awaitListener(ctx, s.address)
}

// kill sends SIGKILL to the process if it runs.
func (s *system) kill() {
	if s.process.Process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// run runs a saga to its end. It returns errUndone if the saga failed and was compensated;
// after any other error the outcome is unknown.
func (s *system) run(ctx context.Context, id string, fails bool) error {
	url, body := fmt.Sprintf("http://%s/sagas/%s/%s", s.address, id, how(fails)), ""
	if s.dtm {
		url = fmt.Sprintf("http://%s/api/dtmsvr/submit", s.address)
		body = s.submission(id, fails)
	}
	reply, err := s.send(ctx, http.MethodPost, url, body)
	switch {
	case err != nil:
		return err
	case reply.code == http.StatusConflict:
		return errUndone
	case reply.code != http.StatusOK:
		return fmt.Errorf("%s: %d: %s", s.name, reply.code, reply.body)
	default:
		return nil
	}
}

func how(fails bool) string {
	if fails {
		return "fail"
	}
	return "ok"
}

// submission is a saga in dtm's protocol. wait_result delays the response to the saga's end.
func (s *system) submission(id string, fails bool) string {
	steps := make([]map[string]string, 0, lastStep)
	for n := 1; n <= lastStep; n++ {
		do := "do"
		if fails && n == lastStep {
			do = "refuse"
		}
		steps = append(steps, map[string]string{
			"action":     fmt.Sprintf("%s/%s/%s/%d", s.steps, do, id, n),
			"compensate": fmt.Sprintf("%s/undo/%s/%d", s.steps, id, n),
		})
	}
	b, _ := json.Marshal(map[string]any{
		"gid": id, "trans_type": "saga", "steps": steps, "payloads": []string{"{}", "{}", "{}", "{}"},
		"wait_result": true, "retry_interval": 3, // seconds until recovery; 10 by default
	})
	return string(b)
}

// open returns the number of sagas that have not ended.
func (s *system) open(ctx context.Context) (int, error) {
	if !s.dtm {
		reply, err := s.send(ctx, http.MethodGet, fmt.Sprintf("http://%s/open", s.address), "")
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(reply.body)
	}
	total := 0
	for _, status := range []string{"prepared", "submitted", "aborting"} {
		url := fmt.Sprintf("http://%s/api/dtmsvr/all?limit=1000&status=%s", s.address, status)
		reply, err := s.send(ctx, http.MethodGet, url, "")
		if err != nil {
			return 0, err
		}
		var all struct{ Transactions []struct{} }
		if err := json.Unmarshal([]byte(reply.body), &all); err != nil {
			return 0, err
		}
		total += len(all.Transactions)
	}
	return total, nil
}

type response struct {
	code int
	body string
}

func (s *system) send(ctx context.Context, method, url, body string) (response, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return response{}, err
	}
	defer func() { _ = reply.Body.Close() }()
	b, err := io.ReadAll(reply.Body)
	return response{reply.StatusCode, string(b)}, err
}

// port returns the port of the system's address.
func (s *system) port() string {
	_, port, _ := net.SplitHostPort(s.address)
	return port
}
