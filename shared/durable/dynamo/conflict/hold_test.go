package conflict_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
)

// server counts the requests that reach it.
type server struct{ requests atomic.Int32 }

func (s *server) RoundTrip(*http.Request) (*http.Response, error) {
	s.requests.Add(1)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// post sends a request and returns the status of the response.
func post(t *testing.T, transport http.RoundTripper, operation, body string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://dynamodb", strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	response, err := transport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// TestItemsAreHeldBeforeAndAfterTheEffect: a transaction takes effect after one second, and its
// response comes two seconds later.
func TestItemsAreHeldBeforeAndAfterTheEffect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		transport := &conflict.Transport{Next: s, Before: time.Second, After: 2 * time.Second}
		const key = `"TableName":"T","Key":{"pk":{"S":"A"},"sk":{"S":"1"}}`
		answered := make(chan int, 1)
		go func() {
			answered <- post(t, transport, "TransactWriteItems", `{"TransactItems":[{"Update":{`+key+`}}]}`)
		}()
		for _, step := range []struct {
			wait    time.Duration
			status  int
			reached int
		}{
			{900 * time.Millisecond, http.StatusBadRequest, 0},
			{200 * time.Millisecond, http.StatusBadRequest, 1},
			{1800 * time.Millisecond, http.StatusBadRequest, 1},
			{200 * time.Millisecond, http.StatusOK, 2},
		} {
			time.Sleep(step.wait) //nolint:forbidigo // the bubble's clock
			require.Equal(t, step.status, post(t, transport, "UpdateItem", `{`+key+`}`))
			require.EqualValues(t, step.reached, s.requests.Load())
		}
		require.Equal(t, http.StatusOK, <-answered)
	})
}

// TestAPartitionIsThrottled: its items share the units of a second; a transaction takes two for
// each of them.
func TestAPartitionIsThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		transport := &conflict.Transport{Next: s, Units: 5}
		item := func(pk, sk string) string {
			return `"TableName":"T","Key":{"pk":{"S":"` + pk + `"},"sk":{"S":"` + sk + `"}}`
		}
		two := `{"TransactItems":[{"Update":{` + item("A", "1") + `}},{"Delete":{` + item("A", "2") + `}}]}`
		require.Equal(t, http.StatusOK, post(t, transport, "TransactWriteItems", two))
		require.Equal(t, http.StatusOK, post(t, transport, "UpdateItem", `{`+item("A", "3")+`}`))
		require.Equal(t, http.StatusBadRequest, post(t, transport, "UpdateItem", `{`+item("A", "4")+`}`))
		require.Equal(t, http.StatusBadRequest, post(t, transport, "TransactWriteItems", two))
		require.Equal(t, http.StatusOK, post(t, transport, "UpdateItem", `{`+item("B", "1")+`}`))
		require.Equal(t, http.StatusOK, post(t, transport, "GetItem", `{`+item("A", "1")+`}`), "reads have their own")
		require.EqualValues(t, 2, transport.Throttled())
		time.Sleep(time.Second) //nolint:forbidigo // the bubble's clock
		require.Equal(t, http.StatusOK, post(t, transport, "TransactWriteItems", two))
	})
}
