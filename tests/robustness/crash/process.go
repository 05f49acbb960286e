package crash

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	errCrashed = errors.New("the function's process ended")
	// errGivenUp is the end of an invocation for whoever asked for it: a write of
	// it stalls, and its time is up.
	errGivenUp = errors.New("the function took too long")
)

// functionError is what a function answered instead of a result.
type functionError struct{ payload []byte }

func (e *functionError) Error() string { return "the function failed: " + string(e.payload) }

// process is one instance of a function: the real binary, served by a Lambda
// runtime API of ours. It handles one invocation at a time, and is used again.
type process struct {
	function string
	id       string // its path below the cloud's URL
	cmd      *exec.Cmd
	work     chan invocation
	gone     chan struct{}

	mu      sync.Mutex
	current *invocation
}

type invocation struct {
	id      string
	payload []byte
	limit   time.Duration
	done    chan outcome
	stalled chan struct{} // closed when a write of it stalls
}

type outcome struct {
	body   []byte
	failed bool
}

func (c *Cloud) start(function string) (*process, error) {
	c.mu.Lock()
	c.started++
	id := "p" + strconv.Itoa(c.started)
	c.mu.Unlock()
	p := &process{function: function, id: id, work: make(chan invocation), gone: make(chan struct{})}
	p.cmd = exec.Command(c.binary(function)) //nolint:noctx // it ends with the cloud
	p.cmd.Env = append(c.env(), "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(c.server.URL, "http://")+"/"+id,
		"AWS_ENDPOINT_URL="+c.server.URL+"/"+id+"/aws", "AWS_LAMBDA_FUNCTION_NAME="+function)
	p.cmd.Stdout, p.cmd.Stderr = c.log, c.log
	c.mu.Lock()
	c.processes[id] = p
	c.mu.Unlock()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", function, err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.gone)
	}()
	return p, nil
}

// kill ends the process at once, whatever it is doing.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}

func (p *process) dead() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

func (p *process) invoke(payload []byte, limit time.Duration) ([]byte, error) {
	inv := invocation{id: strconv.FormatInt(time.Now().UnixNano(), 36), payload: payload, limit: limit, done: make(chan outcome, 1), stalled: make(chan struct{})}
	select {
	case p.work <- inv:
	case <-p.gone:
		return nil, errCrashed
	}
	select {
	case out := <-inv.done:
		if out.failed {
			return nil, &functionError{out.body}
		}
		return out.body, nil
	case <-inv.stalled:
		return nil, errGivenUp
	case <-p.gone:
		return nil, errCrashed
	}
}

// stall ends the current invocation for whoever asked for it. The process goes on
// with it.
func (p *process) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.current.stalled)
}

// rest waits until the process has nothing to do.
func (p *process) rest() {
	p.mu.Lock()
	inv := p.current
	p.mu.Unlock()
	select {
	case <-inv.done:
	case <-p.gone:
	}
}

// runtime is the Lambda runtime API (version 2018-06-01) of one process.
func (p *process) runtime(w http.ResponseWriter, r *http.Request, path string) {
	if path == "invocation/next" {
		p.next(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	inv := p.current
	p.mu.Unlock()
	if inv != nil && strings.HasPrefix(path, "invocation/"+inv.id) {
		inv.done <- outcome{body, strings.HasSuffix(path, "/error")}
	}
	w.WriteHeader(http.StatusAccepted)
}

func (p *process) next(w http.ResponseWriter, r *http.Request) {
	select {
	case inv := <-p.work:
		p.mu.Lock()
		p.current = &inv
		p.mu.Unlock()
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(inv.limit).UnixMilli(), 10))
		_, _ = w.Write(inv.payload)
	case <-r.Context().Done():
	case <-p.gone:
	}
}

// invoke runs a function once, in an idle process of it or a new one.
func (c *Cloud) invoke(function string, payload []byte) ([]byte, error) {
	p, err := c.idle(function)
	if err != nil {
		return nil, err
	}
	body, err := p.invoke(payload, timeLimit)
	if errors.Is(err, errGivenUp) {
		c.late.Go(p.rest)
		return nil, err
	}
	if !p.dead() {
		c.mu.Lock()
		c.warm[function] = append(c.warm[function], p)
		c.mu.Unlock()
	}
	return body, err
}

func (c *Cloud) idle(function string) (*process, error) {
	c.mu.Lock()
	for list := c.warm[function]; len(list) > 0; list = c.warm[function] {
		p := list[len(list)-1]
		c.warm[function] = list[:len(list)-1]
		if !p.dead() {
			c.mu.Unlock()
			return p, nil
		}
	}
	c.mu.Unlock()
	return c.start(function)
}

// invokeJSON invokes with a value and reads the result into another.
func (c *Cloud) invokeJSON(function string, in, out any) error {
	payload, err := json.Marshal(in)
	if err != nil {
		return err
	}
	body, err := c.invoke(function, payload)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(body, out)
}
