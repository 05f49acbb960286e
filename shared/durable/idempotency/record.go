package idempotency

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// KeyState is the state of a key's record.
type KeyState string

const (
	// Open keys are claimed and not answered. The owner of the lease works on them.
	Open KeyState = "OPEN"
	// Locked keys have effects that are being compensated; they cannot be claimed.
	Locked KeyState = "HELD"
	// Done keys are answered; the answer is replayed until it expires, and the key is never
	// claimed again.
	Done KeyState = "DONE"
	// Released keys have no effects; the next claim starts from the beginning.
	Released KeyState = "FREE"
)

const (
	prefix  = "SAGA#"
	current = "CURRENT"
)

// Record is a key's record as the table holds it. Times are Unix milliseconds. TTL is
// DynamoDB's own, in Unix seconds, and set only once the key may be forgotten.
type Record struct {
	PK          string   `dynamodbav:"pk"`
	SK          string   `dynamodbav:"sk"`
	KeyState    KeyState `dynamodbav:"key_state"`
	Owner       string   `dynamodbav:"owner"`
	Fence       int64    `dynamodbav:"fence"`
	LeaseUntil  int64    `dynamodbav:"lease_until"`
	Fingerprint string   `dynamodbav:"fingerprint"` // keyed; bare in a record of an earlier version
	Status      int      `dynamodbav:"status,omitempty"`
	Sealed      []byte   `dynamodbav:"sealed,omitempty"` // the answer, see Answer
	Body        []byte   `dynamodbav:"body,omitempty"`   // the answer, compressed, of an earlier version
	ExpiresAt   int64    `dynamodbav:"expires_at,omitempty"`
	TTL         int64    `dynamodbav:"ttl,omitempty"`
}

// PartitionKey returns the partition key of a key's records.
func PartitionKey(keyHash string) string { return prefix + keyHash }

// ItemKey returns the primary key of a key's current record.
func ItemKey(keyHash string) dynamo.Item { return dynamo.Key(PartitionKey(keyHash), current) }

func decode(item dynamo.Item) (Record, error) {
	var r Record
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return Record{}, fmt.Errorf("decode the key's record: %w", err)
	}
	if r.KeyState == "" {
		return Record{}, errors.New("decode the key's record: key_state is missing")
	}
	return r, nil
}

func (r Record) leaseExpired(now time.Time) bool { return r.LeaseUntil <= now.UnixMilli() }

func (r Record) expired(now time.Time) bool {
	return r.KeyState == Done && r.ExpiresAt <= now.UnixMilli()
}
