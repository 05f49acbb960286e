package saga_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
)

// machine is a state machine whose executions take a while, and then report that the invoice
// was deleted and the stock could not be released. down makes it refuse to start one.
type machine struct {
	*fixture
	takes time.Duration
	down  bool
	ends  map[int]time.Time // by redrive
}

func (m *machine) StartExecution(
	_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options),
) (*sfn.StartExecutionOutput, error) {
	if m.down {
		return nil, errors.New("connection refused")
	}
	var input saga.Input
	if err := json.Unmarshal([]byte(*in.Input), &input); err != nil {
		return nil, err
	}
	m.ends[input.Redrive] = m.clock.Add(m.takes)
	return &sfn.StartExecutionOutput{}, nil
}

// tick moves the clock by a second and settles the executions that end now.
func (m *machine) tick(t *testing.T, sagaID string) {
	t.Helper()
	m.clock = m.clock.Add(time.Second)
	for redrive, end := range m.ends {
		if m.clock.Equal(end) {
			_, _ = m.Settle(t.Context(), sagaID, redrive, append(done(step.Delete),
				saga.StepAttempt{Name: step.Release, Attempt: 1, Outcome: saga.Failed}))
		}
	}
}

// recover does what recover-sagas does.
func (m *machine) recover(t *testing.T, executions saga.StepFunctions) {
	t.Helper()
	due, err := m.Due(t.Context(), 10)
	require.NoError(t, err)
	for _, r := range due {
		redriven, err := m.Redrive(t.Context(), r)
		require.NoError(t, err)
		_ = executions.Start(t.Context(), redriven)
	}
}

func setupMachine(t *testing.T, takes time.Duration) (*machine, saga.StepFunctions) {
	t.Helper()
	m := &machine{fixture: setup(t), takes: takes, ends: map[int]time.Time{}}
	return m, saga.StepFunctions{Client: m, CompensationARN: "compensate", CancellationARN: "cancel", Sagas: m.Store}
}

// TestASlowCompensationIsNotOvertaken: recovery leaves an execution alone for as long as it may
// run, wherever recovery's minute falls, and STUCK is recorded when the execution reports it.
func TestASlowCompensationIsNotOvertaken(t *testing.T) {
	t.Parallel()
	for _, takes := range []time.Duration{
		25 * time.Second, 33 * time.Second, 57 * time.Second, 65 * time.Second, 115 * time.Second, step.ExecutionTimeout,
	} {
		for _, look := range []int{31, 45, 59} {
			t.Run(fmt.Sprintf("%s, recovery at second %d of each minute", takes, look), func(t *testing.T) {
				t.Parallel()
				m, executions := setupMachine(t, takes)
				began, r := m.clock, m.compensating(t)
				require.NoError(t, executions.Start(t.Context(), r))
				for seconds := 1; m.clock.Before(began.Add(takes)); seconds++ {
					m.tick(t, r.SagaID)
					if seconds%60 == look && m.clock.Before(began.Add(takes)) {
						m.recover(t, executions)
					}
				}
				require.Len(t, m.ends, 1, "executions")
				stuck, err := m.Load(t.Context(), r.SagaID)
				require.NoError(t, err)
				require.Equal(t, saga.Stuck, stuck.State)
				require.Equal(t, []string{step.Release}, stuck.Pending)
			})
		}
	}
}

// TestALostCompensationIsRestartedSoon: by the first recovery half a minute after the write,
// whether Step Functions refused it or its starter crashed, and however often it was redriven.
func TestALostCompensationIsRestartedSoon(t *testing.T) {
	t.Parallel()
	m, executions := setupMachine(t, time.Hour)
	r := m.compensating(t)
	m.down = true
	require.Error(t, executions.Start(t.Context(), r))
	for redrive := 1; redrive < 8; redrive++ {
		require.Equal(t, 30*time.Second, time.UnixMilli(r.Due).Sub(m.clock), "redrive %d", redrive)
		m.clock = m.clock.Add(30 * time.Second)
		m.down = redrive < 7
		m.recover(t, executions)
		var err error
		r, err = m.Load(t.Context(), r.SagaID)
		require.NoError(t, err)
		require.Equal(t, redrive, r.Redrive)
	}
	require.Len(t, m.ends, 1)
	require.Equal(t, step.ExecutionTimeout, time.UnixMilli(r.Due).Sub(m.clock), "it runs now")
}

// TestAnExecutionThatSettlesNothingIsRestarted after the time limit of executions.
func TestAnExecutionThatSettlesNothingIsRestarted(t *testing.T) {
	t.Parallel()
	m, executions := setupMachine(t, time.Hour)
	require.NoError(t, executions.Start(t.Context(), m.compensating(t)))
	m.clock = m.clock.Add(step.ExecutionTimeout - time.Millisecond)
	m.recover(t, executions)
	require.Len(t, m.ends, 1)
	m.clock = m.clock.Add(time.Millisecond)
	m.recover(t, executions)
	require.Len(t, m.ends, 2)
}

// TestStartOfAnEndedCompensation: an execution may be faster than the record of its start.
func TestStartOfAnEndedCompensation(t *testing.T) {
	t.Parallel()
	m, executions := setupMachine(t, time.Hour)
	r := m.compensating(t)
	_, err := m.Settle(t.Context(), r.SagaID, 0, done(step.Delete, step.Release))
	require.NoError(t, err)
	require.NoError(t, executions.Start(t.Context(), r))
	ended, err := m.Load(t.Context(), r.SagaID)
	require.NoError(t, err)
	require.Equal(t, saga.Compensated, ended.State)
	require.Zero(t, ended.Due)
}
