package privacy_test

import (
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/privacy"
)

const merchantID = "merchant-1"

// fixture is a keys table, a clock that tests move, and faults that they inject.
type fixture struct {
	*privacy.Store

	db    *dynamotest.Faults
	table string

	mu  sync.Mutex
	now time.Time
}

func setup(t *testing.T) *fixture {
	t.Helper()
	client := dynamotest.Client(t)
	f := &fixture{
		db: &dynamotest.Faults{Client: client}, table: dynamotest.Tables(t, client).Keys,
		now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC),
	}
	f.Store = f.another()
	return f
}

// another returns the store of another instance.
func (f *fixture) another() *privacy.Store { return privacy.NewStore(f.db, f.table, f.clock) }

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fixture) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// give gives a buyer a new key.
func (f *fixture) give(t *testing.T, subject string) (privacy.Key, error) {
	t.Helper()
	k := privacy.NewKey()
	item, err := f.PutKey(merchantID, subject, k)
	require.NoError(t, err)
	_, err = f.db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{item},
	})
	return k, err
}

// end sets the time from which a buyer's key counts as absent.
func (f *fixture) end(t *testing.T, subject string, at time.Time) {
	t.Helper()
	_, err := f.db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &f.table, Key: dynamo.Key("SUBJECT#"+merchantID+"#"+subject, "CONTACT"),
		UpdateExpression:          new("SET #ttl = :at"),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: dynamo.Item{":at": dynamo.N(at.Unix())},
	})
	require.NoError(t, err)
}
