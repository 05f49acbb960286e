package caller

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Client is a program that may ask for tokens.
type Client struct {
	ID        string
	Merchant  string // empty for an operator
	Role      Role
	Secrets   []Secret
	CreatedAt time.Time
	RevokedAt time.Time // zero if it is not
}

// Errors of clients.
var (
	ErrNoClient      = errors.New("no client has this id")
	ErrWrongRole     = errors.New("an operator has no merchant, any other role has one")
	ErrMalformed     = errors.New("the secret has not the form of one")
	ErrNoSecret      = errors.New("this is no secret of the client")
	ErrManySecrets   = errors.New("the client has five secrets in force; wait until one has ended")
	ErrClientRevoked = errors.New("the client is revoked")
	ErrClientChanged = errors.New("the client was changed at the same time; try again")
)

const (
	clientPrefix = "CLIENT#"
	clientSK     = "CLIENT"
	maxSecrets   = 5 // in force at the same time
	maxClientID  = 64
)

// clientRow is the item of a client. Times are Unix milliseconds.
type clientRow struct {
	PK        string      `dynamodbav:"pk"`
	SK        string      `dynamodbav:"sk"`
	Merchant  string      `dynamodbav:"merchant_id,omitempty"`
	Role      Role        `dynamodbav:"role"`
	Secrets   []secretRow `dynamodbav:"secrets"`
	Version   int64       `dynamodbav:"version"` // grows with each change
	CreatedAt int64       `dynamodbav:"created_at"`
	RevokedAt int64       `dynamodbav:"revoked_at,omitempty"`
}

type secretRow struct {
	Hash  []byte `dynamodbav:"hash"`
	Until int64  `dynamodbav:"until,omitempty"`
}

// NewClient returns a client with a new id, which is in no store yet. An operator has no merchant.
func NewClient(merchantID string, r Role) Client {
	return Client{ID: NewID(), Merchant: merchantID, Role: r}
}

// Check returns ErrWrongRole for an operator with a merchant, and for another role without one.
func (c Client) Check() error {
	if !belongs(c.Role, c.Merchant) {
		return ErrWrongRole
	}
	return nil
}

// CreateClient creates a client and returns it with its secret, which cannot be read later.
// After a lost reply the caller creates another. Errors: those of Check; ErrClientChanged if it exists.
func (s *Store) CreateClient(ctx context.Context, c Client, m Mode) (Client, string, error) {
	if err := c.Check(); err != nil {
		return Client{}, "", err
	}
	text := NewSecret(m)
	c, err := s.add(ctx, c, text)
	return c, text, err
}

// add writes a client with a secret, and its place in the merchant's list. Error: ErrClientChanged
// if it exists.
func (s *Store) add(ctx context.Context, c Client, secret string) (Client, error) {
	c.Secrets, c.CreatedAt = []Secret{{Hash: hash(secret)}}, timeOf(s.now().UnixMilli())
	created := c.CreatedAt.UnixMilli()
	own, err := s.putNew(clientRow{
		PK: clientPrefix + c.ID, SK: clientSK, Merchant: c.Merchant, Role: c.Role, Secrets: secretRows(c.Secrets),
		Version: 1, CreatedAt: created,
	})
	if err != nil {
		return Client{}, err
	}
	listed, err := s.putNew(listedRow{PK: listPrefix + c.Merchant, SK: c.ID, Role: c.Role, CreatedAt: created})
	if err != nil {
		return Client{}, err
	}
	err = dynamo.Transact(ctx, s.db, own, listed)
	if _, exists := dynamo.ConditionFailedAt(err, 0); exists {
		return Client{}, ErrClientChanged
	}
	if err != nil {
		return Client{}, fmt.Errorf("write a client: %w", err)
	}
	return c, nil
}

// putNew returns the put of an item that must not exist.
func (s *Store) putNew(row any) (types.TransactWriteItem, error) {
	item, err := attributevalue.MarshalMap(row)
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	}}, err
}

// NewID returns the id of a new client.
func NewID() string { return "cl_" + strings.ToLower(rand.Text()) }

// possibleID reports whether an id can be the key of an item.
func possibleID(id string) bool { return id != "" && len(id) <= maxClientID }

// Client reads a client, strongly consistent. Error: ErrNoClient.
func (s *Store) Client(ctx context.Context, id string) (Client, error) {
	r, err := s.clientRow(ctx, id)
	if err != nil {
		return Client{}, err
	}
	return r.client(id), nil
}

func (r clientRow) client(id string) Client {
	c := Client{ID: id, Merchant: r.Merchant, Role: r.Role, CreatedAt: timeOf(r.CreatedAt)}
	for _, secret := range r.Secrets {
		c.Secrets = append(c.Secrets, Secret{Hash: secret.Hash, Until: timeOf(secret.Until)})
	}
	c.RevokedAt = timeOf(r.RevokedAt)
	return c
}

func (s *Store) clientRow(ctx context.Context, id string) (clientRow, error) {
	if !possibleID(id) {
		return clientRow{}, ErrNoClient
	}
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: dynamo.Key(clientPrefix+id, clientSK), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return clientRow{}, fmt.Errorf("read a client: %w", err)
	}
	if len(out.Item) == 0 {
		return clientRow{}, ErrNoClient
	}
	var r clientRow
	if err := attributevalue.UnmarshalMap(out.Item, &r); err != nil {
		return clientRow{}, fmt.Errorf("decode a client: %w", err)
	}
	return r, nil
}

func secretRows(secrets []Secret) []secretRow {
	var rows []secretRow
	for _, s := range secrets {
		r := secretRow{Hash: s.Hash}
		if !s.Until.IsZero() {
			r.Until = s.Until.UnixMilli()
		}
		rows = append(rows, r)
	}
	return rows
}

// timeOf returns the time of Unix milliseconds, the zero time for 0.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
