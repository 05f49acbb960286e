package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga/step"
)

// machine is a definition in the Amazon States Language.
type machine struct {
	StartAt string
	States  map[string]state
}

type state struct {
	Type, Next, Default, Resource, ResultPath string
	End                                       bool
	TimeoutSeconds                            int
	Choices                                   []struct{ Next, Variable string }
	Retry                                     []struct {
		ErrorEquals    []string
		JitterStrategy string
		MaxAttempts    int
	}
	Catch []struct {
		ErrorEquals []string
		Next        string
	}
	Parameters map[string]any
}

func (s state) targets() []string {
	var all []string
	for _, to := range []string{s.Next, s.Default} {
		if to != "" {
			all = append(all, to)
		}
	}
	for _, c := range s.Choices {
		all = append(all, c.Next)
	}
	for _, c := range s.Catch {
		all = append(all, c.Next)
	}
	return all
}

// definition of the state machine, with references to resources in the place of
// their names.
func definition(t *testing.T) machine {
	t.Helper()
	for _, p := range resources("InvoChain-Service", "AWS::StepFunctions::StateMachine") {
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
		return m
	}
	t.Fatal("no state machine")
	return machine{}
}

// An emulator takes a Next to nowhere, AWS does not.
func TestEveryTargetExistsAndEveryStateIsReached(t *testing.T) {
	m := definition(t)
	reached := map[string]bool{}
	for todo := []string{m.StartAt}; len(todo) > 0; {
		name := todo[0]
		todo = todo[1:]
		s, there := m.States[name]
		require.True(t, there, "%q leads nowhere", name)
		if !reached[name] {
			todo = append(todo, s.targets()...)
		}
		reached[name] = true
		require.True(t, s.End != (len(s.targets()) > 0), "%q neither ends nor goes on", name)
	}
	require.Len(t, reached, len(m.States))
}

func TestEveryTaskIsRetriedAndOnlyTheLastUncaught(t *testing.T) {
	for name, s := range definition(t).States {
		if s.Type != "Task" {
			continue
		}
		require.Len(t, s.Retry, 1, name)
		require.Equal(t, []string{"States.ALL"}, s.Retry[0].ErrorEquals, name)
		require.Equal(t, "FULL", s.Retry[0].JitterStrategy, name)
		require.Equal(t, name != step.Settle, len(s.Catch) == 1, name)
		if len(s.Catch) == 1 {
			require.Equal(t, []string{"States.ALL"}, s.Catch[0].ErrorEquals, name)
		}
	}
}

// The order is the reverse of the saga's, and a compensation that fails does not
// keep the next from being tried.
func TestCompensationsRunInReverseOrderWhateverFails(t *testing.T) {
	m := definition(t)
	require.Equal(t, step.Delete+" owed?", m.StartAt)
	for name, next := range map[string]string{step.Delete: step.Release + " owed?", step.Release: step.Settle} {
		s := m.States[name]
		require.Equal(t, next, s.Next)
		dead := m.States[s.Catch[0].Next]
		require.Equal(t, next, dead.Next)
		require.Equal(t, next, m.States[dead.Catch[0].Next].Next)
		require.Equal(t, name, dead.Parameters["MessageBody"].(map[string]any)["step"])
	}
	require.True(t, m.States[step.Settle].End)
}

// An emulator reads a path that is not there as null, AWS fails: every path must be
// in the input (saga.Input) or be written by an earlier state.
func TestEveryPathIsProvided(t *testing.T) {
	provided := []string{
		"$.saga_id", "$.merchant_id", "$.redrive", "$.pending." + step.DeleteKey, "$.pending." + step.ReleaseKey,
		"$.results." + step.DeleteKey, "$.results." + step.ReleaseKey, // by the Catch before the state that reads it
	}
	for name, s := range definition(t).States {
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
