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

// system runs sagas in a process of its own, which can be killed and started again.
type system struct {
	name, durability string
	command          []string
	env              []string
	dir              string // where it runs and, maybe, keeps its store
	address          string
	steps            string
	dtm              bool // it is asked in dtm's own way
	onDisk           bool // a second time, with its store on disk

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
	return listening(ctx, s.address)
}

// kill ends the process, if there is one, as a crash does.
func (s *system) kill() {
	if s.process.Process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// run has a saga run to its end. Error: errUndone if it failed and was undone; after
// any other error nobody knows.
func (s *system) run(ctx context.Context, id string, fails bool) error {
	url, body := fmt.Sprintf("http://%s/sagas/%s/%s", s.address, id, how(fails)), ""
	if s.dtm {
		url = fmt.Sprintf("http://%s/api/dtmsvr/submit", s.address)
		body = s.submission(id, fails)
	}
	reply, err := s.ask(ctx, http.MethodPost, url, body)
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

// submission is a saga in dtm's words. wait_result has it answer at the saga's end.
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
		"wait_result": true, "retry_interval": 3, // seconds until recovery takes it up; 10 by default
	})
	return string(b)
}

// open is the number of sagas that have not ended.
func (s *system) open(ctx context.Context) (int, error) {
	if !s.dtm {
		reply, err := s.ask(ctx, http.MethodGet, fmt.Sprintf("http://%s/open", s.address), "")
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(reply.body)
	}
	total := 0
	for _, status := range []string{"prepared", "submitted", "aborting"} {
		reply, err := s.ask(ctx, http.MethodGet, fmt.Sprintf("http://%s/api/dtmsvr/all?limit=1000&status=%s", s.address, status), "")
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

type answer struct {
	code int
	body string
}

func (s *system) ask(ctx context.Context, method, url, body string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = reply.Body.Close() }()
	b, err := io.ReadAll(reply.Body)
	return answer{reply.StatusCode, string(b)}, err
}

// port of the system's address.
func (s *system) port() string {
	_, port, _ := net.SplitHostPort(s.address)
	return port
}
