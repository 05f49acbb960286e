package idempotency

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// KeyState says what may be done with a key.
type KeyState string

const (
	// Open keys are claimed and not answered. Whoever holds the lease works on it.
	Open KeyState = "OPEN"
	// Locked keys have effects that are being undone; nobody may claim them meanwhile.
	Locked KeyState = "HELD"
	// Done keys are answered; the answer is replayed until it expires.
	Done KeyState = "DONE"
	// Released keys left nothing behind; the next claim starts afresh.
	Released KeyState = "FREE"
)

const (
	prefix  = "SAGA#"
	current = "CURRENT"
)

// Record is what the table holds of a key. Times are Unix milliseconds, TTL
// (DynamoDB's own) is Unix seconds and only set once the key is answered or free.
type Record struct {
	PK          string   `dynamodbav:"pk"`
	SK          string   `dynamodbav:"sk"`
	KeyState    KeyState `dynamodbav:"key_state"`
	Owner       string   `dynamodbav:"owner"`
	Fence       int64    `dynamodbav:"fence"`
	LeaseUntil  int64    `dynamodbav:"lease_until"`
	Fingerprint string   `dynamodbav:"fingerprint"`
	Status      int      `dynamodbav:"status,omitempty"`
	Body        []byte   `dynamodbav:"body,omitempty"` // packed, see Pack
	ExpiresAt   int64    `dynamodbav:"expires_at,omitempty"`
	TTL         int64    `dynamodbav:"ttl,omitempty"`
	Pinned      bool     `dynamodbav:"kept,omitempty"` // work is owed by this record: it does not expire yet
}

// PartitionKey of the records under a root.
func PartitionKey(root string) string { return prefix + root }

// ItemKey is the primary key of a root's current record.
func ItemKey(root string) dynamo.Item {
	return dynamo.Item{
		"pk": &types.AttributeValueMemberS{Value: PartitionKey(root)},
		"sk": &types.AttributeValueMemberS{Value: current},
	}
}

func decode(item dynamo.Item) (Record, error) {
	var r Record
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return Record{}, fmt.Errorf("decode the key's record: %w", err)
	}
	if r.KeyState == "" {
		return Record{}, errors.New("decode the key's record: it has no key_state")
	}
	return r, nil
}

func (r Record) leaseExpired(now time.Time) bool { return r.LeaseUntil <= now.UnixMilli() }

func (r Record) expired(now time.Time) bool {
	return r.KeyState == Done && !r.Pinned && r.ExpiresAt <= now.UnixMilli()
}

// MaxCompressed bounds a packed answer in bytes, so that its record stays under
// DynamoDB's 400 KB an item.
const MaxCompressed = 350 << 10

// writers are kept: a new one takes longer than the packing. At the default level each
// packing would clear 0.6 MB of tables first, for answers of which most are 1 KB, to
// save a twentieth of their size.
var writers = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the level is a valid one
	return w
}}

// Compress compresses an answer for storage (DEFLATE, RFC 1951).
func Compress(body []byte) ([]byte, error) {
	var out bytes.Buffer
	w, _ := writers.Get().(*flate.Writer)
	defer writers.Put(w)
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Decompress reverses Pack.
func Decompress(packed []byte) ([]byte, error) {
	body, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil, fmt.Errorf("unpack a stored answer: %w", err)
	}
	return body, nil
}
