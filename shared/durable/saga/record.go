package saga

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/problem"
)

// State of a saga. COMPLETED, ABORTED and COMPENSATED are final. STUCK raises an alarm,
// and recovery keeps redriving it. CANCELLING is of a saga that cancels an invoice: no return.
type State string

// The states, in docs/saga.md's diagram.
const (
	Begun        State = "BEGUN"
	Committed    State = "COMMITTED"
	Completed    State = "COMPLETED"
	Aborted      State = "ABORTED"
	Compensating State = "COMPENSATING"
	Compensated  State = "COMPENSATED"
	Stuck        State = "STUCK"
	Cancelling   State = "CANCELLING"
)

// Ended reports whether the state is final.
func (s State) Ended() bool { return s == Completed || s == Aborted || s == Compensated }

// Outcomes of a step.
const (
	OK      = "ok"
	Refused = "refused" // the step left nothing behind
	Failed  = "failed"  // the step may have left something behind
)

// StepAttempt is one attempt at one step: a line of the saga's timeline.
type StepAttempt struct {
	Name       string `dynamodbav:"n" json:"name"`
	Attempt    int    `dynamodbav:"a" json:"attempt"`
	StartedAt  int64  `dynamodbav:"t" json:"started_at"` // Unix milliseconds
	DurationMS int64  `dynamodbav:"d" json:"duration_ms"`
	Outcome    string `dynamodbav:"o" json:"outcome"`
	Error      string `dynamodbav:"e,omitempty" json:"error,omitempty"` // a code, never internal text
}

// Record is a saga as the platform table holds it, in one item with the
// idempotency key that opened it. Times are Unix milliseconds.
type Record struct {
	idempotency.Record

	SagaID        string        `dynamodbav:"saga_id"`
	MerchantID    string        `dynamodbav:"merchant_id"`
	Actor         string        `dynamodbav:"actor,omitempty"`   // who caused it, see BeginInput
	Release       string        `dynamodbav:"release,omitempty"` // of the code that began it
	State         State         `dynamodbav:"state"`
	BegunAt       int64         `dynamodbav:"begun_at"`
	DueShard      string        `dynamodbav:"due_shard,omitempty"`
	Due           int64         `dynamodbav:"due,omitempty"` // when recovery reads it; absent once ended
	Steps         []StepAttempt `dynamodbav:"steps,omitempty"`
	Reserves      bool          `dynamodbav:"reserves,omitempty"` // has lines with a SKU
	Cancels       bool          `dynamodbav:"cancels,omitempty"`  // cancels the invoice InvoiceID
	InvoiceID     string        `dynamodbav:"invoice_id,omitempty"`
	Number        string        `dynamodbav:"number,omitempty"`
	Document      string        `dynamodbav:"document,omitempty"` // INV, CRN or DBN
	Dated         string        `dynamodbav:"dated,omitempty"`    // the invoice date
	TotalPaise    int64         `dynamodbav:"total,omitempty"`
	Commitment    []byte        `dynamodbav:"commitment,omitempty"` // to the issued document, for its audit entry
	CommittedAt   int64         `dynamodbav:"committed_at,omitempty"`
	Pending       []string      `dynamodbav:"pending,omitempty"`   // steps that a state machine still owes
	Redrive       int           `dynamodbav:"redrive,omitempty"`   // how often its execution was restarted
	AuditAttempts int           `dynamodbav:"nudges,omitempty"`    // how often recovery requested its audit
	Reason        string        `dynamodbav:"reason,omitempty"`    // the code it failed with
	Attention     string        `dynamodbav:"attention,omitempty"` // lists the saga, see List
	EndedAt       int64         `dynamodbav:"ended_at,omitempty"`  // of the archived copy of one that failed

	// Of an accepted request, on all its attempts.
	RequestID   string   `dynamodbav:"request_id,omitempty"`  // the saga id that the 202 named
	AcceptedAt  int64    `dynamodbav:"accepted_at,omitempty"` // when the queue got it
	Former      []string `dynamodbav:"former,omitempty"`      // sagas of its earlier attempts, oldest first
	LastFailure *Failure `dynamodbav:"failure,omitempty"`     // of its last delivery
}

const (
	idSeparator   = "-"
	keyHashLength = 26
)

func newID(keyHash string) string {
	return keyHash + idSeparator + strings.ToLower(rand.Text()[:10])
}

// keyHashOf returns the hash of the idempotency key in a saga id; false when it is malformed.
func keyHashOf(sagaID string) (string, bool) {
	keyHash, suffix, found := strings.Cut(sagaID, idSeparator)
	return keyHash, found && len(keyHash) == keyHashLength && len(suffix) == 10
}

func decode(item dynamo.Item) (Record, error) {
	var r Record
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return Record{}, fmt.Errorf("decode a saga: %w", err)
	}
	return r, nil
}

func notFound(sagaID string) error {
	return &problem.Error{
		Kind: problem.NotFound, Code: "saga_not_found",
		Message: "there is no saga " + strconv.QuoteToASCII(problem.Clip(sagaID)),
	}
}

// keyHash returns the hash of the key that opened the saga.
func (r Record) keyHash() string {
	keyHash, _ := keyHashOf(r.SagaID)
	return keyHash
}

// Owed returns the compensations of a saga of which only its beginning is known. It has no
// invoice: its commit would show in the saga's state. A fence of 0 means that the saga
// was accepted for the queue and no run has started it.
func (r Record) Owed() []string {
	if !r.Reserves || r.Fence == 0 {
		return nil
	}
	return []string{step.Delete, step.Release}
}

// running is the state of the saga while an execution runs for it.
func (r Record) running() State {
	if r.Cancels {
		return Cancelling
	}
	return Compensating
}

// Overdue returns how long the saga has been due; negative before it is.
func (r Record) Overdue(now time.Time) time.Duration { return now.Sub(time.UnixMilli(r.Due)) }
