package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga/step"
)

// machine is a state machine in the Amazon States Language.
type machine struct {
	StartAt        string
	Comment        string
	TimeoutSeconds int
	States         map[string]state
}

type state struct {
	Type, Next, Default, Resource, ResultPath string
	End                                       bool
	TimeoutSeconds                            int
	Choices                                   []struct{ Next, Variable string }
	Retry                                     []struct {
		ErrorEquals                                   []string
		JitterStrategy                                string
		MaxAttempts, IntervalSeconds, MaxDelaySeconds int
		BackoffRate                                   float64
	}
	Catch []struct {
		ErrorEquals []string
		Next        string
	}
	Parameters map[string]any
}

// targets returns the names of the states that may follow s.
func (s state) targets() []string {
	var names []string
	for _, to := range []string{s.Next, s.Default} {
		if to != "" {
			names = append(names, to)
		}
	}
	for _, c := range s.Choices {
		names = append(names, c.Next)
	}
	for _, c := range s.Catch {
		names = append(names, c.Next)
	}
	return names
}

// definitions returns the state machines by their comment's first word, with REF in place of
// references to resources.
func definitions(t *testing.T) map[string]machine {
	t.Helper()
	all := map[string]machine{}
	for _, p := range resources(serviceStack, "AWS::StepFunctions::StateMachine") {
		var text strings.Builder
		for _, part := range p["DefinitionString"].(map[string]any)["Fn::Join"].([]any)[1].([]any) {
			if s, ok := part.(string); ok {
				text.WriteString(s)
			} else {
				text.WriteString("REF")
			}
		}
		var m machine
		require.NoError(t, json.Unmarshal([]byte(text.String()), &m))
		kind, _, _ := strings.Cut(m.Comment, " ")
		all[kind] = m
	}
	require.Len(t, all, 2)
	return all
}

// eachMachine runs a test of each state machine.
func eachMachine(t *testing.T, test func(t *testing.T, m machine)) {
	t.Helper()
	for kind, m := range definitions(t) {
		t.Run(kind, func(t *testing.T) { test(t, m) })
	}
}

// TestEveryTargetExistsAndEveryStateIsReached checks what AWS rejects and an emulator accepts.
func TestEveryTargetExistsAndEveryStateIsReached(t *testing.T) {
	eachMachine(t, func(t *testing.T, m machine) {
		t.Helper()
		reached := map[string]bool{}
		for todo := []string{m.StartAt}; len(todo) > 0; {
			name := todo[0]
			todo = todo[1:]
			s, exists := m.States[name]
			require.True(t, exists, "%q does not exist", name)
			if !reached[name] {
				todo = append(todo, s.targets()...)
			}
			reached[name] = true
			require.True(t, s.End != (len(s.targets()) > 0), "%q must either end or have a next state", name)
		}
		require.Len(t, reached, len(m.States))
	})
}

func TestEveryTaskRetriesAndAllButTheLastCatch(t *testing.T) {
	eachMachine(t, func(t *testing.T, m machine) {
		t.Helper()
		for name, s := range m.States {
			if s.Type != "Task" {
				continue
			}
			require.Len(t, s.Retry, 1, name)
			require.Equal(t, []string{"States.ALL"}, s.Retry[0].ErrorEquals, name)
			require.Equal(t, "FULL", s.Retry[0].JitterStrategy, name)
			require.Positive(t, s.TimeoutSeconds, "%s must not wait for ever", name)
			require.Equal(t, name != step.Settle, len(s.Catch) == 1, name)
			if len(s.Catch) == 1 {
				require.Equal(t, []string{"States.ALL"}, s.Catch[0].ErrorEquals, name)
			}
		}
	})
}

// TestAnExecutionReachesItsSettlementInTime checks that the longest run of a state machine, in
// which each task uses up its attempts and waits, fits in the time limit of an execution: for
// that time recovery leaves the saga alone (shared/durable/saga/execution.go).
func TestAnExecutionReachesItsSettlementInTime(t *testing.T) {
	eachMachine(t, func(t *testing.T, m machine) {
		t.Helper()
		limit := time.Duration(m.TimeoutSeconds) * time.Second
		require.Equal(t, step.ExecutionTimeout, limit)
		require.LessOrEqual(t, m.longest(m.StartAt), limit)
	})
}

// longest returns the longest time from the begin of a state to the end of the execution.
func (m machine) longest(name string) time.Duration {
	s, after := m.States[name], time.Duration(0)
	for _, next := range s.targets() {
		after = max(after, m.longest(next))
	}
	return s.longest() + after
}

// longest returns the longest time of a state with its retries. The jitter can only shorten it.
func (s state) longest() time.Duration {
	longest := time.Duration(s.TimeoutSeconds) * time.Second
	for _, r := range s.Retry {
		wait := float64(r.IntervalSeconds)
		for range r.MaxAttempts {
			pause := min(wait, float64(r.MaxDelaySeconds))
			longest += time.Duration((pause + float64(s.TimeoutSeconds)) * float64(time.Second))
			wait *= r.BackoffRate
		}
	}
	return longest
}

// TestStepsRunInOrder checks that compensations run in the reverse order of the saga's steps, and
// that a cancelled number is void only once the stock is back; also when a step fails or its dead
// letter cannot be sent.
func TestStepsRunInOrder(t *testing.T) {
	for kind, steps := range machineSteps() {
		t.Run(kind, func(t *testing.T) {
			m := definitions(t)[kind]
			require.Equal(t, steps[0].Name+" owed?", m.StartAt)
			for n, k := range steps {
				next := step.Settle
				if n+1 < len(steps) {
					next = steps[n+1].Name + " owed?"
				}
				s := m.States[k.Name]
				require.Equal(t, next, s.Next)
				dead := m.States[s.Catch[0].Next]
				require.Equal(t, next, dead.Next)
				require.Equal(t, next, m.States[dead.Catch[0].Next].Next)
				require.Equal(t, k.Name, dead.Parameters["MessageBody"].(map[string]any)["step"])
			}
			require.True(t, m.States[step.Settle].End)
		})
	}
}

func machineSteps() map[string][]step.Keyed {
	return map[string][]step.Keyed{"Compensates": step.Compensation(), "Cancels": step.Cancellation()}
}

// TestEveryPathIsProvided checks that every path is in the input (saga.Input) or written by
// an earlier state. AWS fails on a missing path, an emulator reads it as null.
func TestEveryPathIsProvided(t *testing.T) {
	for kind, steps := range machineSteps() {
		provided := []string{"$.saga_id", "$.merchant_id", "$.redrive"}
		for _, k := range steps { // the Catch before the state that reads the result writes it
			provided = append(provided, "$.pending."+k.Key, "$.results."+k.Key)
		}
		for name, s := range definitions(t)[kind].States {
			for _, c := range s.Choices {
				require.Contains(t, provided, c.Variable, name)
			}
			body, _ := s.Parameters["MessageBody"].(map[string]any)
			for field, v := range body {
				if strings.HasSuffix(field, ".$") {
					require.True(t, slices.Contains(provided, v.(string)), "%s: %s", name, v)
				}
			}
		}
	}
}
