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
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/faults/fault"
)

// endpoint stands for an emulator: it remembers what arrived.
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

func (e *endpoint) arrived() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.bodies
}

// bed is a proxy before two endpoints, and clients that send each call once.
type bed struct {
	emulator, tables *endpoint
	url              string
	cfg              aws.Config
}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{emulator: newEndpoint(t, `{"MessageId":"m-1"}`), tables: newEndpoint(t, `{}`)}
	emulator, err := url.Parse(b.emulator.URL)
	require.NoError(t, err)
	tables, err := url.Parse(b.tables.URL)
	require.NoError(t, err)
	proxy := httptest.NewServer(fault.New(emulator, tables))
	t.Cleanup(proxy.Close)
	b.url = proxy.URL
	b.cfg = aws.Config{
		Region: "ap-south-1", BaseEndpoint: &b.url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
	return b
}

// set gives the proxy rules through its door, and returns the answer's status.
func (b *bed) set(t *testing.T, rules ...fault.Rule) int {
	t.Helper()
	body, err := json.Marshal(rules)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, b.url+fault.AdminPath, bytes.NewReader(body))
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

func (b *bed) counts(t *testing.T) map[string]int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+fault.AdminPath, http.NoBody)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	counts := map[string]int{}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&counts))
	return counts
}

func (b *bed) send(t *testing.T) (*sqs.SendMessageOutput, error) {
	t.Helper()
	return sqs.NewFromConfig(b.cfg, func(o *sqs.Options) { o.DisableMessageChecksumValidation = true }).
		SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String("http://queue/q"), MessageBody: aws.String("hello")})
}

func (b *bed) read(t *testing.T) error {
	t.Helper()
	_, err := dynamodb.NewFromConfig(b.cfg).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	return err
}

func TestWithoutRulesCallsArriveWhereTheirServiceIs(t *testing.T) {
	b := newBed(t)
	require.NoError(t, b.read(t))
	out, err := b.send(t)
	require.NoError(t, err)
	require.Equal(t, "m-1", *out.MessageId)
	require.Equal(t, []string{"{}"}, b.tables.arrived())
	require.Len(t, b.emulator.arrived(), 1)
	require.Contains(t, b.emulator.arrived()[0], "hello")
	require.Empty(t, b.counts(t))
}

func TestDelay(t *testing.T) {
	b := newBed(t)
	require.Equal(t, http.StatusOK, b.set(t, fault.Rule{Service: fault.DynamoDB, Share: 1, DelayMS: 60}))
	began := time.Now()
	require.NoError(t, b.read(t))
	require.GreaterOrEqual(t, time.Since(began), 60*time.Millisecond)
	require.Len(t, b.tables.arrived(), 1)
	require.Equal(t, map[string]int{"DynamoDB ListTables late": 1}, b.counts(t))
}

// TestRefusalsAreAWSs: the SDK knows each for what it is, and nothing arrives.
func TestRefusalsAreAWSs(t *testing.T) {
	b := newBed(t)
	refused := func(rule fault.Rule, err func() error, as any) {
		t.Helper()
		rule.Share, rule.Do = 1, fault.Refuse
		require.Equal(t, http.StatusOK, b.set(t, rule))
		got := err()
		require.ErrorAs(t, got, as)
		var api smithy.APIError
		require.ErrorAs(t, got, &api)
		require.Equal(t, rule.Code, api.ErrorCode())
	}
	read, send := func() error { return b.read(t) }, func() error { _, err := b.send(t); return err }
	put := func() error {
		_, err := eventbridge.NewFromConfig(b.cfg).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{Detail: aws.String("{}"), DetailType: aws.String("x"), Source: aws.String("y")}}})
		return err
	}
	invoke := func() error {
		_, err := lambda.NewFromConfig(b.cfg).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("f"), Payload: []byte("{}")})
		return err
	}
	var generic *smithy.GenericAPIError
	refused(fault.Rule{Service: fault.DynamoDB, Code: "ThrottlingException"}, read, new(*dynamotypes.ThrottlingException))
	refused(fault.Rule{Service: fault.DynamoDB, Code: "ProvisionedThroughputExceededException"}, read, new(*dynamotypes.ProvisionedThroughputExceededException))
	refused(fault.Rule{Service: fault.DynamoDB, Code: "InternalServerError"}, read, new(*dynamotypes.InternalServerError))
	refused(fault.Rule{Service: fault.SQS, Code: "RequestThrottled"}, send, new(*sqstypes.RequestThrottled))
	refused(fault.Rule{Service: fault.SQS, Code: "ServiceUnavailable"}, send, &generic)
	refused(fault.Rule{Service: fault.EventBridge, Code: "ThrottlingException"}, put, new(*ebtypes.ThrottlingException))
	refused(fault.Rule{Service: fault.EventBridge, Code: "InternalException"}, put, new(*ebtypes.InternalException))
	refused(fault.Rule{Service: fault.Lambda, Code: "TooManyRequestsException"}, invoke, new(*lambdatypes.TooManyRequestsException))
	require.Empty(t, b.emulator.arrived())
	require.Empty(t, b.tables.arrived())
	require.Equal(t, 2, b.counts(t)["SQS SendMessage refuse"])
}

func TestTwice(t *testing.T) {
	b := newBed(t)
	require.Equal(t, http.StatusOK, b.set(t, fault.Rule{Service: fault.SQS, Operations: []string{"SendMessage"}, Share: 1, Do: fault.Twice}))
	out, err := b.send(t)
	require.NoError(t, err)
	require.Equal(t, "m-1", *out.MessageId)
	got := b.emulator.arrived()
	require.Len(t, got, 2)
	require.Equal(t, got[0], got[1])
	require.NotEmpty(t, got[0])
}

func TestLostReply(t *testing.T) {
	b := newBed(t)
	require.Equal(t, http.StatusOK, b.set(t, fault.Rule{Service: fault.SQS, Share: 1, Do: fault.LoseReply}))
	_, err := b.send(t)
	require.Error(t, err)
	require.Len(t, b.emulator.arrived(), 1, "it arrived, once")
}

func TestRulesFitTheirCallsOnly(t *testing.T) {
	b := newBed(t)
	require.Equal(t, http.StatusOK, b.set(t,
		fault.Rule{Service: fault.SQS, Operations: []string{"ReceiveMessage"}, Share: 1, Do: fault.Refuse, Code: "RequestThrottled"},
		fault.Rule{Service: fault.DynamoDB, Share: 0.5, Do: fault.Refuse, Code: "ThrottlingException"}))
	_, err := b.send(t)
	require.NoError(t, err, "another operation")
	failed := 0
	for range 200 {
		if b.read(t) != nil {
			failed++
		}
	}
	require.InDelta(t, 100, failed, 50)
	require.Equal(t, failed, b.counts(t)["DynamoDB ListTables refuse"])
	require.Equal(t, http.StatusOK, b.set(t))
	require.NoError(t, b.read(t), "rules are taken back")
}

func TestBadRulesAreRefused(t *testing.T) {
	b := newBed(t)
	for _, bad := range []fault.Rule{
		{Service: "S3", Share: 1},
		{Service: fault.SQS},
		{Service: fault.SQS, Share: 1.5},
		{Service: fault.SQS, Share: 1, DelayMS: -1},
		{Service: fault.SQS, Share: 1, Do: "burn"},
		{Service: fault.SQS, Share: 1, Do: fault.Refuse, Code: "ThrottlingException"},
	} {
		require.Equal(t, http.StatusBadRequest, b.set(t, bad), "%+v", bad)
	}
}
