package fault_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/faults/fault"
)

// endpoint is a server in place of an emulator. It records the bodies of its requests.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
}

func newEndpoint(t *testing.T, answer string) *endpoint {
	t.Helper()
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		e.bodies = append(e.bodies, string(body))
		e.mu.Unlock()
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) received() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.bodies
}

// fixture is a proxy for two endpoints, with a configuration for clients that do not retry.
type fixture struct {
	emulator, tables *endpoint
	url              string
	cfg              aws.Config
}

func setup(t *testing.T) *fixture { t.Helper(); return setupHolding(t, 0) }

// setupHolding returns a fixture whose proxy holds the items of transactions.
func setupHolding(t *testing.T, hold time.Duration) *fixture {
	t.Helper()
	f := &fixture{emulator: newEndpoint(t, `{"MessageId":"m-1"}`), tables: newEndpoint(t, `{}`)}
	emulator, err := url.Parse(f.emulator.URL)
	require.NoError(t, err)
	tables, err := url.Parse(f.tables.URL)
	require.NoError(t, err)
	proxy := httptest.NewServer(fault.New(emulator, tables, hold))
	t.Cleanup(proxy.Close)
	f.url = proxy.URL
	f.cfg = aws.Config{
		Region: "ap-south-1", BaseEndpoint: &f.url,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}
	return f
}

// set replaces the proxy's rules and returns the status of the response.
func (f *fixture) set(t *testing.T, rules ...fault.Rule) int {
	t.Helper()
	body, err := json.Marshal(rules)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, f.url+fault.AdminPath, bytes.NewReader(body))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

func (f *fixture) counts(t *testing.T) map[string]int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url+fault.AdminPath, http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	counts := map[string]int{}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&counts))
	return counts
}

func (f *fixture) send(t *testing.T) (*sqs.SendMessageOutput, error) {
	t.Helper()
	client := sqs.NewFromConfig(f.cfg, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true })
	return client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String("http://queue/q"), MessageBody: aws.String("hello"),
	})
}

func (f *fixture) read(t *testing.T) error {
	t.Helper()
	_, err := dynamodb.NewFromConfig(f.cfg).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	return err
}

// update writes an item, in a transaction or by itself.
func (f *fixture) update(t *testing.T, transaction bool) error {
	t.Helper()
	db := dynamodb.NewFromConfig(f.cfg)
	key := map[string]dynamotypes.AttributeValue{
		"pk": &dynamotypes.AttributeValueMemberS{Value: "A"}, "sk": &dynamotypes.AttributeValueMemberS{Value: "1"},
	}
	if transaction {
		_, err := db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
			TransactItems: []dynamotypes.TransactWriteItem{
				{Delete: &dynamotypes.Delete{TableName: aws.String("t"), Key: key}},
			},
		})
		return err
	}
	_, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("t"), Key: key})
	return err
}

func (f *fixture) put(t *testing.T) error {
	t.Helper()
	_, err := eventbridge.NewFromConfig(f.cfg).PutEvents(t.Context(), &eventbridge.PutEventsInput{
		Entries: []ebtypes.PutEventsRequestEntry{
			{Detail: aws.String("{}"), DetailType: aws.String("x"), Source: aws.String("y")},
		},
	})
	return err
}

func (f *fixture) invoke(t *testing.T) error {
	t.Helper()
	_, err := lambda.NewFromConfig(f.cfg).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("f"), Payload: []byte("{}"),
	})
	return err
}
