package dynamotest

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
)

// ConflictingClient returns a client of Client's server on which a write that meets a
// transaction is refused, as on AWS, where the server itself would queue it. A transaction
// holds its items for before until it takes effect, and for after until its response. The
// transport counts the refusals.
func ConflictingClient(tb testing.TB, before, after time.Duration) (*dynamodb.Client, *conflict.Transport) {
	tb.Helper()
	next := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is documented to be one
	next.MaxIdleConnsPerHost = 64
	t := &conflict.Transport{Next: next, Before: before, After: after}
	return Client(tb, func(o *dynamodb.Options) { o.HTTPClient = &http.Client{Transport: t} }), t
}
