package crash

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// invokeJSON invokes a function with in as JSON and decodes the result into out.
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

// invoke runs a function once in an idle or new process.
func (c *Cloud) invoke(function string, payload []byte) ([]byte, error) {
	p, err := c.idle(function)
	if err != nil {
		return nil, err
	}
	if c.observer != nil {
		c.observer.Invoked(function)
	}
	body, err := p.invoke(payload, timeLimit)
	if errors.Is(err, errTimeout) {
		c.late.Go(p.endLate)
		return nil, err
	}
	if !p.dead() {
		c.mu.Lock()
		c.warm[function] = append(c.warm[function], p)
		c.mu.Unlock()
	}
	return body, err
}

// idle returns an idle process of a function, or starts one.
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

func (c *Cloud) start(function string) (*process, error) {
	c.mu.Lock()
	c.started++
	id := "p" + strconv.Itoa(c.started)
	c.mu.Unlock()
	p := &process{function: function, id: id, work: make(chan invocation), gone: make(chan struct{})}
	p.cmd = exec.Command(c.binary(function)) //nolint:noctx // Close kills it
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
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.processes, id)
	}()
	return p, nil
}
