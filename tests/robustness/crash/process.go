package crash

import (
	"errors"
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
	// errTimeout ends an invocation for its caller while one of its writes stalls.
	errTimeout = errors.New("the function timed out")
)

// functionError is a function's error response.
type functionError struct{ payload []byte }

func (e *functionError) Error() string { return "the function failed: " + string(e.payload) }

// process is one instance of a function: the real binary with its own Lambda runtime API.
// It serves one invocation at a time and is reused.
type process struct {
	function string
	id       string // first element of its paths in the cloud's URL
	cmd      *exec.Cmd
	work     chan invocation
	gone     chan struct{}

	mu      sync.Mutex
	current *invocation
	calls   sync.WaitGroup // of AWS, but for those that stall
}

type invocation struct {
	id      string
	payload []byte
	limit   time.Duration
	done    chan outcome
	stalled chan struct{} // closed when one of its writes stalls
}

type outcome struct {
	body   []byte
	failed bool
}

// kill sends SIGKILL and waits for the process to end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}

// call begins a call of AWS, unless the process is dead.
func (p *process) call() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead() {
		return false
	}
	p.calls.Add(1)
	return true
}

// landCalls waits for the calls that a process sent before it died: they land after its death, but before
// its lease ends. Later is what a call that stalls does.
func (p *process) landCalls() {
	p.mu.Lock()
	p.mu.Unlock() //nolint:staticcheck // no call begins after this: the process is dead
	p.calls.Wait()
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
	inv := invocation{
		id: strconv.FormatInt(time.Now().UnixNano(), 36), payload: payload, limit: limit,
		done: make(chan outcome, 1), stalled: make(chan struct{}),
	}
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
		return nil, errTimeout
	case <-p.gone:
		p.landCalls()
		return nil, errCrashed
	}
}

// stall ends the current invocation for its caller. The process continues with it.
func (p *process) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.current.stalled)
}

// endLate waits until the current invocation or the process has ended, and kills the process: on AWS, too, one
// that timed out serves no other invocation.
func (p *process) endLate() {
	p.mu.Lock()
	inv := p.current
	p.mu.Unlock()
	select {
	case <-inv.done:
	case <-p.gone:
	}
	p.kill()
}

// runtime serves the Lambda runtime API (version 2018-06-01) of one process.
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

// extension serves the process's registration as an extension, for which there are no events.
func (p *process) extension(r *http.Request, path string) {
	if path != "event/next" {
		return
	}
	select {
	case <-r.Context().Done():
	case <-p.gone:
	}
}

func (p *process) next(w http.ResponseWriter, r *http.Request) {
	select {
	case inv := <-p.work:
		p.mu.Lock()
		p.current = &inv
		p.mu.Unlock()
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		deadline := time.Now().Add(inv.limit).UnixMilli()
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(deadline, 10))
		_, _ = w.Write(inv.payload)
	case <-r.Context().Done():
	case <-p.gone:
	}
}
