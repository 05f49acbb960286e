package export

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// API is the subset of the DynamoDB client that Store uses.
type API interface {
	dynamo.Putter
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
}

type (
	// invoices are those of a buyer.
	invoices interface {
		OfSubject(
			ctx context.Context, merchantID, subject, after string, limit int, take func(gst.Invoice, gst.Date) error,
		) (next string, err error)
	}
	// objects keep files.
	objects interface {
		Put(ctx context.Context, name string, data []byte) error
		// URL returns an address of a file that anyone who has it can read for URLFor.
		URL(ctx context.Context, name string) (string, error)
	}
	// acts record administrative acts.
	acts interface {
		Record(ctx context.Context, act events.Act) error
	}
)

// Config is what a Store needs.
type Config struct {
	Table    string // of the keys
	Invoices invoices
	Objects  objects
	Acts     acts
	Now      func() time.Time
}

// Store keeps exports.
type Store struct {
	db API
	Config
}

// NewStore returns a Store.
func NewStore(db API, c Config) *Store { return &Store{db: db, Config: c} }

const (
	// KeptFor is how long an export can be read. S3 deletes its files at the midnight (UTC) after
	// so many days, so that none is left a day later.
	KeptFor = 6 * 24 * time.Hour
	// URLFor is how long the address of a file is valid.
	URLFor = 10 * time.Minute
)

// Request asks for a copy of what is known of one buyer of a merchant.
type Request struct {
	MerchantID string
	Subjects   []string // of the buyer, by each of its identifiers: in order, once each, at least one
	Actor      string   // the client's id
}

// id returns the id of an export: the same for the same buyer on one day in India.
func (r Request) id(now time.Time) string {
	parts := append([]string{r.MerchantID, string(gst.DayInIndia(now))}, r.Subjects...)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "ex_" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20]))
}

// Export is how far an export is.
type Export struct {
	ID        string
	AskedAt   time.Time
	ExpiresAt time.Time
	Exported  int // invoices
	Done      bool
	URLs      []string // of the files, once it is done
	URLsUntil time.Time
}

// row is an export in the table. Times are Unix milliseconds, except TTL's seconds.
type row struct {
	PK       string   `dynamodbav:"pk"`
	SK       string   `dynamodbav:"sk"`
	Merchant string   `dynamodbav:"merchant_id"`
	Subjects []string `dynamodbav:"subjects"`
	At       int      `dynamodbav:"at"`    // index of the subject whose invoices come next
	After    string   `dynamodbav:"after"` // position behind which they come
	Exported int      `dynamodbav:"exported"`
	Files    []string `dynamodbav:"files"` // their names, in order
	AskedAt  int64    `dynamodbav:"asked_at"`
	Version  int64    `dynamodbav:"version"` // grows with each write
	TTL      int64    `dynamodbav:"ttl"`
}

func (r row) done() bool { return r.At == len(r.Subjects) }

func (r row) export() Export {
	return Export{
		ID: r.SK, AskedAt: time.UnixMilli(r.AskedAt), ExpiresAt: time.Unix(r.TTL, 0), Exported: r.Exported, Done: r.done(),
	}
}

func key(merchant, id string) dynamo.Item { return dynamo.Key("EXPORTS#"+merchant, id) }

// Ask begins an export, or returns the one that was begun on the same day. It may be repeated.
func (s *Store) Ask(ctx context.Context, r Request) (Export, error) {
	now := s.Now()
	id := r.id(now)
	known, err := s.load(ctx, r.MerchantID, id)
	if err != nil || known.Version > 0 {
		return known.export(), err
	}
	act := events.Act{
		ID: id, Action: events.BuyerExported, MerchantID: r.MerchantID, Subject: id, Actor: r.Actor, At: now,
	}
	if err := s.Acts.Record(ctx, act); err != nil {
		return Export{}, err
	}
	at := key(r.MerchantID, id)
	begun := row{
		PK: dynamo.Text(at["pk"]), SK: id, Merchant: r.MerchantID, Subjects: r.Subjects, AskedAt: now.UnixMilli(), Version: 1,
		TTL: now.Add(KeptFor).Unix(),
	}
	item, err := attributevalue.MarshalMap(begun)
	if err != nil {
		return Export{}, err
	}
	err = dynamo.Put(ctx, s.db, s.Table, item, dynamo.Absent())
	if dynamo.ConditionFailed(err) { // another request began it
		begun, err = s.load(ctx, r.MerchantID, id)
	}
	return begun.export(), err
}

// idLength is the length of an export's id in bytes. Another id would be no key of the table if it is
// very long.
const idLength = len("ex_") + 32

// load reads an export, strongly consistent; the zero value if there is none, or its time is over.
func (s *Store) load(ctx context.Context, merchant, id string) (row, error) {
	if len(id) != idLength {
		return row{}, nil
	}
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.Table, Key: key(merchant, id), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return row{}, fmt.Errorf("read an export: %w", err)
	}
	var r row
	if err := attributevalue.UnmarshalMap(out.Item, &r); err != nil {
		return row{}, fmt.Errorf("decode an export: %w", err)
	}
	if r.TTL <= s.Now().Unix() {
		return row{}, nil
	}
	return r, nil
}

func notFound() error {
	return &problem.Error{
		Kind: problem.NotFound, Code: "export_not_found", Message: "this merchant has no export with this id",
	}
}
