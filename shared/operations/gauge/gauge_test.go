package gauge_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/operations/gauge"
)

// queues answer with attributes by URL. Without an entry they fail; one hangs.
type queues struct {
	attributes map[string]map[string]string
	hangs      string
	mu         sync.Mutex
	asked      int
}

func (q *queues) GetQueueAttributes(
	ctx context.Context,
	in *sqs.GetQueueAttributesInput,
	_ ...func(*sqs.Options),
) (*sqs.GetQueueAttributesOutput, error) {
	q.mu.Lock()
	q.asked++
	q.mu.Unlock()
	if *in.QueueUrl == q.hangs {
		<-ctx.Done()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if in.AttributeNames[0] != types.QueueAttributeNameAll || q.attributes[*in.QueueUrl] == nil {
		return nil, errors.New("no such queue")
	}
	return &sqs.GetQueueAttributesOutput{Attributes: q.attributes[*in.QueueUrl]}, nil
}

type fixture struct {
	db     *dynamodb.Client
	table  string
	tables dynamotest.Names
	queues *queues
	cfg    gauge.Config
	now    time.Time
}

func setup(t *testing.T) *fixture {
	t.Helper()
	db := dynamotest.Client(t)
	tables := dynamotest.Tables(t, db)
	f := &fixture{
		db:     db,
		tables: tables, table: tables.Platform,
		queues: &queues{},
		now:    time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	f.cfg = gauge.Config{
		Table: f.table, AuditTable: tables.Audit, KeysTable: tables.Keys, Breakers: []string{"inventory"},
	}
	return f
}

func (f *fixture) clock() time.Time { return f.now }

// read returns the readings as text, except those of the audit log and of erasures, and what failed.
func (f *fixture) read(t *testing.T) (map[string]float64, []string) {
	t.Helper()
	all, failed := f.readAll(t)
	maps.DeleteFunc(all, func(name string, _ float64) bool {
		return strings.HasPrefix(name, "audit_") || strings.HasPrefix(name, "erasures_")
	})
	return all, failed
}

func (f *fixture) readAll(t *testing.T) (map[string]float64, []string) {
	t.Helper()
	readings, failed := gauge.New(f.db, f.queues, f.cfg, f.clock).Read(t.Context())
	all := map[string]float64{}
	for _, r := range readings {
		all[strings.Join(append([]string{r.Name}, r.Labels...), " ")] = r.Value
	}
	return all, failed
}

func TestAuditLog(t *testing.T) {
	f := setup(t)
	log := audit.New(f.db, audit.Config{Table: f.tables.Audit, Now: f.clock})
	require.NoError(t, log.Append(t.Context(), []audit.Entry{{ID: "a", Action: "invoice.created", Date: "2026-01-02"}}))
	f.now = f.now.Add(time.Minute)
	all, failed := f.readAll(t)
	require.Empty(t, failed)
	require.InDelta(t, 1, all["audit_log_size"], 0)
	require.InDelta(t, 1, all["audit_unsealed_entries"], 0)
	require.InDelta(t, 60, all["audit_seal_age_seconds"], 0)
	f.cfg.AuditTable = "no-such-table"
	_, failed = f.readAll(t)
	require.Equal(t, []string{gauge.Audit}, failed)
}

func TestErasures(t *testing.T) {
	f := setup(t)
	for _, sk := range []string{
		fmt.Sprintf("%013d#er_a#1", f.now.Add(-25*time.Hour).UnixMilli()),
		fmt.Sprintf("%013d#er_b#1", f.now.Add(-23*time.Hour).UnixMilli()), "HELD#er_c#1",
	} {
		_, err := f.db.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: &f.tables.Keys, Item: dynamo.Key("PENDING", sk),
		})
		require.NoError(t, err)
	}
	all, failed := f.readAll(t)
	require.Empty(t, failed)
	require.InDelta(t, 1, all["erasures_overdue"], 0)
	f.cfg.KeysTable = "no-such-table"
	_, failed = f.readAll(t)
	require.Equal(t, []string{gauge.Erasures}, failed)
}

func (f *fixture) begin(t *testing.T, sagas *saga.Store, n int) saga.BeginResult {
	t.Helper()
	key := idempotency.Key{Scope: "m", ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n)}
	o, err := sagas.Begin(
		t.Context(),
		key,
		"f",
		saga.BeginInput{MerchantID: "m", Reserves: true},
		idempotency.WaitLimits{},
	)
	require.NoError(t, err)
	return o
}

func TestSagas(t *testing.T) {
	f := setup(t)
	sagas := saga.Open(f.db, saga.Config{Table: f.table}, f.clock)
	all, failed := f.read(t)
	require.Empty(t, failed)
	require.Equal(
		t,
		map[string]float64{
			"saga_in_flight":                  0,
			"saga_stuck":                      0,
			"saga_oldest_seconds":             0,
			"circuit_breaker_state inventory": 0,
		},
		all,
	)

	for n := range 130 {
		f.begin(t, sagas, n)
	}
	for n := range 3 {
		r, err := sagas.Compensate(
			t.Context(),
			f.begin(t, sagas, 1000+n),
			saga.RunResult{Pending: []string{step.Delete, step.Release}},
			"failed",
		)
		require.NoError(t, err)
		r, err = sagas.Settle(t.Context(), r.SagaID, r.Redrive, nil)
		require.NoError(t, err)
		require.Equal(t, saga.Stuck, r.State)
	}
	r, err := sagas.Compensate(
		t.Context(),
		f.begin(t, sagas, 2000),
		saga.RunResult{Pending: []string{step.Release}},
		"failed",
	)
	require.NoError(t, err)
	_, err = sagas.Settle(t.Context(), r.SagaID, r.Redrive, []saga.StepAttempt{{Name: step.Release, Outcome: saga.OK}})
	require.NoError(t, err)
	f.now = f.now.Add(25 * time.Second)
	all, _ = f.read(t)
	require.InDelta(t, 133, all["saga_in_flight"], 0, "one has ended")
	require.InDelta(t, 3, all["saga_stuck"], 0)
	require.InDelta(t, 25, all["saga_oldest_seconds"], 0, "a stuck one is due at once")
}

func TestBreaker(t *testing.T) {
	f := setup(t)
	for name, c := range map[string]struct {
		state      string
		until      int64 // milliseconds from now
		probeUntil int64
		want       float64
	}{
		"closed":              {breaker.Closed, -1, -1, 0},
		"open":                {breaker.Open, 1000, -1, 2},
		"open and due":        {breaker.Open, 0, -1, 1},
		"probe lent":          {breaker.Open, 1000, 500, 1},
		"closed after probes": {breaker.Closed, -1, 500, 0},
	} {
		t.Run(name, func(t *testing.T) {
			item, err := attributevalue.MarshalMap(map[string]any{
				"pk": "BREAKER#inventory", "sk": "STATE", "state": c.state, "generation": 3,
				"open_until": f.now.UnixMilli() + c.until, "probe_until": f.now.UnixMilli() + c.probeUntil,
			})
			require.NoError(t, err)
			_, err = f.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.table, Item: item})
			require.NoError(t, err)
			all, failed := f.read(t)
			require.Empty(t, failed)
			require.InDelta(t, c.want, all["circuit_breaker_state inventory"], 0)
		})
	}
}

func TestQueues(t *testing.T) {
	f := setup(t)
	f.cfg.Queues = []gauge.Queue{
		{Name: "audit", URL: "u1"},
		{Name: "audit", URL: "u2", DLQ: true},
		{Name: "publish", URL: "u3"},
		{Name: "lost", URL: "u4"},
	}
	f.queues.attributes = map[string]map[string]string{
		"u1": {
			"ApproximateNumberOfMessages":           "3",
			"ApproximateNumberOfMessagesDelayed":    "2",
			"ApproximateNumberOfMessagesNotVisible": "9",
		},
		"u2": {"ApproximateNumberOfMessages": "1", "ApproximateNumberOfMessagesNotVisible": "1"},
		"u3": {"ApproximateNumberOfMessages": "0", "ApproximateAgeOfOldestMessage": "7"},
	}
	all, failed := f.read(t)
	require.Equal(t, []string{gauge.Queues}, failed)
	require.Equal(t, map[string]float64{
		"saga_in_flight": 0, "saga_stuck": 0, "saga_oldest_seconds": 0, "circuit_breaker_state inventory": 0,
		"queue_messages audit": 5, "dlq_messages audit": 2, "queue_messages publish": 0, "queue_oldest_seconds publish": 7,
	}, all)
}

// TestWhatHangsHidesNothing, and takes no longer than the limit.
func TestWhatHangsHidesNothing(t *testing.T) {
	f := setup(t)
	f.queues.hangs, f.queues.attributes = "u0", map[string]map[string]string{"u1": {}}
	f.cfg.Queues, f.cfg.Timeout = []gauge.Queue{{Name: "hangs", URL: "u0"}, {Name: "audit", URL: "u1"}}, 2*time.Second
	all, failed := f.read(t)
	require.Equal(t, []string{gauge.Queues}, failed)
	require.Contains(t, all, "saga_in_flight")
	require.Contains(t, all, "queue_messages audit")
	f.cfg.Table = "no-such-table"
	all, failed = f.read(t)
	require.Equal(t, []string{gauge.Sagas, gauge.Breakers, gauge.Queues}, failed)
	require.Equal(t, map[string]float64{"queue_messages audit": 0}, all)
}

// TestFreshReadingsServeAll: many who ask at once cost one reading, and a failure is
// told once.
func TestFreshReadingsServeAll(t *testing.T) {
	f := setup(t)
	f.cfg.Queues = []gauge.Queue{{Name: "audit", URL: "u1"}}
	r := gauge.New(f.db, f.queues, f.cfg, f.clock)
	var wg sync.WaitGroup
	failures := make([][]string, 20)
	for i := range failures {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // who asked first has gone
			_, failures[i] = r.Read(ctx)
		})
	}
	wg.Wait()
	told := 0
	for _, f := range failures {
		told += len(f)
	}
	require.Equal(t, 1, told)
	require.Equal(t, 1, f.queues.asked)
	f.now = f.now.Add(time.Second)
	readings, _ := r.Read(t.Context())
	require.Len(t, readings, 8)
	require.Equal(t, 2, f.queues.asked)
}
