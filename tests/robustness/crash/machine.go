package crash

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
)

// attempts is the number of attempts per task of a state machine (infra/machine.go).
const attempts = 5

// machine is both state machines. An execution name starts once, immediately, and runs its tasks
// in order.
type machine struct {
	cloud   *Cloud
	running sync.WaitGroup

	mu    sync.Mutex
	names map[string]bool
}

func newMachine(c *Cloud) *machine { return &machine{cloud: c, names: map[string]bool{}} }

// start serves Step Functions' StartExecution.
func (m *machine) start(body []byte) (reply, error) {
	var in struct {
		Name  string `json:"name"`
		Input string `json:"input"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return reply{}, err
	}
	var input saga.Input
	if err := json.Unmarshal([]byte(in.Input), &input); err != nil {
		return reply{}, err
	}
	m.mu.Lock()
	known := m.names[in.Name]
	m.names[in.Name] = true
	m.mu.Unlock()
	if known {
		return answer(http.StatusBadRequest, map[string]string{"__type": "ExecutionAlreadyExists", "message": in.Name})
	}
	m.running.Go(func() { m.execute(input) })
	arn := "arn:aws:states:::execution:" + in.Name
	return answer(http.StatusOK, map[string]any{"executionArn": arn, "startDate": 0})
}

func (m *machine) execute(in saga.Input) {
	for _, task := range []struct{ key, function string }{
		{step.DeleteKey, "delete-invoice"},
		{step.ReleaseKey, "release-inventory"},
		{step.ReturnKey, "return-stock"},
		{step.VoidKey, "void-number"},
	} {
		if !in.Pending[task.key] {
			continue
		}
		result, err := m.try(task.function, in)
		if err != nil {
			result, _ = json.Marshal(map[string]string{"Error": "Unavailable", "Cause": err.Error()})
			m.cloud.queues.add("compensation-dlq", in.SagaID)
		}
		in.Results[task.key] = result
	}
	_, _ = m.try("settle-saga", in)
}

func (m *machine) try(function string, in saga.Input) (json.RawMessage, error) {
	var result json.RawMessage
	var err error
	for range attempts {
		if (function == "release-inventory" || function == "return-stock") && m.cloud.isAway() {
			err = errCrashed
			continue
		}
		if err = m.cloud.invokeJSON(function, in, &result); err == nil {
			break
		}
	}
	return result, err
}

func (c *Cloud) isAway() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away
}

// SetAway makes the inventory's functions unreachable, or reachable again.
func (c *Cloud) SetAway(away bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = away
}
