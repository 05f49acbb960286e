// Package crash runs the real function binaries as processes of its own, between a
// Lambda runtime API and an AWS endpoint that it plays, and makes any of their
// writes fail: lost, landed with the reply lost, the process killed before or
// after it, or late. Tables are on DynamoDB Local; queues, bus and state machine
// are kept here, at least once as the real ones.
package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// timeLimit of an invocation.
const timeLimit = 30 * time.Second

// Cloud is one deployment: its tables, processes, queues and executions.
type Cloud struct {
	root, dynamo string
	tables       dynamotest.Names
	retries      string // AWS_MAX_ATTEMPTS of the functions
	server       *httptest.Server
	log          io.Writer

	mu        sync.Mutex
	processes map[string]*process
	warm      map[string][]*process
	started   int
	faults    *faults
	queues    *queues
	machine   *machine
	away      bool           // the inventory's functions cannot be reached
	late      sync.WaitGroup // invocations that were given up and go on
}

// NewCloud serves functions from root's dist folder over the tables at a
// DynamoDB's URL. attempts is how often the SDK sends a call.
func NewCloud(root, dynamo string, tables dynamotest.Names, attempts string, log io.Writer) *Cloud {
	c := &Cloud{
		root: root, dynamo: dynamo, tables: tables, retries: attempts, log: log,
		processes: map[string]*process{}, warm: map[string][]*process{}, faults: newFaults(nil), queues: newQueues(),
	}
	c.machine = newMachine(c)
	c.server = httptest.NewServer(c)
	return c
}

// Close ends every process.
func (c *Cloud) Close() {
	c.current().land()
	c.mu.Lock()
	all := c.processes
	c.mu.Unlock()
	for _, p := range all {
		p.kill()
	}
	c.server.CloseClientConnections()
	c.server.Close()
}

func (c *Cloud) binary(function string) string {
	return filepath.Join(c.root, "dist", runtime.GOARCH, function, "bootstrap")
}

func (c *Cloud) env() []string {
	vars := []string{
		"PATH=" + os.Getenv("PATH"), "AWS_REGION=ap-south-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_MAX_ATTEMPTS=" + c.retries, "INVOCHAIN_LOG_LEVEL=error", "INVOCHAIN_TELEMETRY=off",
		"INVOCHAIN_PLATFORM_TABLE=" + c.tables.Platform, "INVOCHAIN_INVOICES_TABLE=" + c.tables.Invoices,
		"INVOCHAIN_INVENTORY_TABLE=" + c.tables.Inventory, "INVOCHAIN_AUDIT_TABLE=" + c.tables.Audit,
		"INVOCHAIN_BUS_NAME=bus", "INVOCHAIN_COMPENSATION_ARN=arn:aws:states:ap-south-1:000000000000:stateMachine:compensate",
		"INVOCHAIN_RESERVE_FUNCTION=reserve-inventory",
	}
	for _, q := range []string{"REQUESTS", "AUDIT", "PUBLISH", "INVENTORY", "COMPENSATION", "UNDELIVERED"} {
		vars = append(vars, "INVOCHAIN_"+q+"_QUEUE_URL=http://queue/"+strings.ToLower(q), "INVOCHAIN_"+q+"_DLQ_URL=http://queue/"+strings.ToLower(q)+"-dlq")
	}
	return vars
}

// ServeHTTP is the runtime API and the AWS endpoint of each process, below its id.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	c.mu.Lock()
	p := c.processes[id]
	c.mu.Unlock()
	if p == nil {
		http.NotFound(w, r)
		return
	}
	if path, is := strings.CutPrefix(rest, "2018-06-01/runtime/"); is {
		p.runtime(w, r, path)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the process ended while it sent
	}
	c.aws(w, r, p, strings.TrimPrefix(rest, "aws"), body)
}

// aws answers a call of a process, or lets it fail as the faults want.
func (c *Cloud) aws(w http.ResponseWriter, r *http.Request, p *process, path string, body []byte) {
	call := identify(r, path, body)
	how := ""
	if call.writes {
		how = c.current().next(p.function, call.operation, c.nameOf(call.target))
	}
	switch how {
	case DiesBefore:
		p.kill()
		return
	case Lost:
		panic(http.ErrAbortHandler)
	case Stalls:
		p.stall()
		<-c.current().release
	}
	reply, err := c.perform(r, call, body, how)
	if how == DiesAfter {
		p.kill()
	}
	if err != nil || how == ReplyLost || how == DiesAfter {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), reply.header)
	w.WriteHeader(reply.status)
	_, _ = w.Write(reply.body)
}

func (c *Cloud) current() *faults {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults
}

// nameOf is the plain name of a table, which has a suffix of its own each time.
func (c *Cloud) nameOf(target string) string {
	name, _, _ := strings.Cut(target, "-")
	if strings.HasSuffix(target, "-dlq") || strings.HasSuffix(target, "-inventory") {
		return target
	}
	return name
}

// call is what a process asks of AWS.
type call struct {
	service, operation, target string
	writes                     bool
	items                      int // of a transaction
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func answer(status int, v any) (reply, error) {
	body, err := json.Marshal(v)
	return reply{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body}, err
}

// identify reads a call's service and operation from its target header, and what
// it writes to from its body.
func identify(r *http.Request, path string, body []byte) call {
	if name, is := strings.CutPrefix(path, "/2015-03-31/functions/"); is {
		return call{"lambda", "Invoke", strings.TrimSuffix(name, "/invocations"), true, 0}
	}
	service, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in struct {
		TableName     string
		QueueUrl      string //nolint:revive // AWS's own name
		TransactItems []map[string]struct{ TableName string }
	}
	_ = json.Unmarshal(body, &in)
	c := call{service: service, operation: operation, target: in.TableName, items: len(in.TransactItems)}
	if in.QueueUrl != "" {
		c.target = in.QueueUrl[strings.LastIndex(in.QueueUrl, "/")+1:]
	}
	if len(in.TransactItems) > 0 {
		for _, of := range in.TransactItems[0] {
			c.target = of.TableName
		}
	}
	c.writes = !strings.HasPrefix(operation, "Get") && operation != "Query" && operation != "BatchGetItem"
	return c
}

// perform does what a call asks for.
func (c *Cloud) perform(r *http.Request, k call, body []byte, how string) (reply, error) {
	switch {
	case how == Throttled && strings.HasPrefix(k.service, "DynamoDB"):
		return answer(http.StatusBadRequest, map[string]string{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"})
	case how == Conflicted && k.operation == "TransactWriteItems":
		return answer(http.StatusBadRequest, map[string]any{
			"__type":              "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
			"CancellationReasons": slices.Repeat([]map[string]string{{"Code": "TransactionConflict"}}, k.items),
		})
	case strings.HasPrefix(k.service, "DynamoDB"):
		return c.forward(r, body)
	case k.operation == "Invoke":
		return c.invoked(k.target, body)
	case k.operation == "GetQueueAttributes": // nobody looks at the gauges here
		return answer(http.StatusOK, map[string]any{"Attributes": map[string]string{}})
	case k.operation == "SendMessage":
		return c.queues.send(k.target, body)
	case k.operation == "SendMessageBatch":
		return c.queues.sendBatch(k.target, body)
	case k.operation == "ChangeMessageVisibilityBatch": // time is the tests' own
		return answer(http.StatusOK, map[string]any{"Successful": []string{}, "Failed": []string{}})
	case k.operation == "PutEvents":
		return c.queues.publish(body)
	case k.operation == "StartExecution":
		return c.machine.start(body)
	default:
		return reply{}, errors.New("unknown call " + k.operation)
	}
}

func (c *Cloud) forward(r *http.Request, body []byte) (reply, error) {
	out, err := http.NewRequest(http.MethodPost, c.dynamo, bytes.NewReader(body)) //nolint:noctx // a write must not end with its sender
	if err != nil {
		return reply{}, err
	}
	out.Header = r.Header.Clone()
	in, err := http.DefaultClient.Do(out)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = in.Body.Close() }()
	body, err = io.ReadAll(in.Body)
	return reply{in.StatusCode, in.Header, body}, err
}

// invoked is Lambda's Invoke.
func (c *Cloud) invoked(function string, payload []byte) (reply, error) {
	c.mu.Lock()
	away := c.away
	c.mu.Unlock()
	if away {
		return reply{status: http.StatusServiceUnavailable, body: []byte(`{"Message":"away"}`)}, nil
	}
	body, err := c.invoke(function, payload)
	if err == nil {
		return reply{status: http.StatusOK, body: body}, nil
	}
	failure := []byte(`{"errorType":"Runtime.ExitError"}`)
	if f, ok := errors.AsType[*functionError](err); ok {
		failure = f.payload
	}
	return reply{status: http.StatusOK, header: http.Header{"X-Amz-Function-Error": {"Unhandled"}}, body: failure}, nil
}
