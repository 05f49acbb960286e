// Package crash runs the real function binaries as processes against its own Lambda runtime
// API and AWS endpoint, and makes any of their writes fail: the write or its reply is lost,
// the process is killed before or after it, or the write lands late. The tables are on
// DynamoDB Local; the package implements queues, bus, state machines, objects with at-least-once
// delivery.
package crash

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// timeLimit is the timeout of an invocation.
const timeLimit = 30 * time.Second

// Issuer is the issuer of the tokens that the functions accept.
const Issuer = "https://api.test"

// transactionHeld is how long a transaction holds its items, besides the call itself. It is
// short, since a case has dozens of transactions; what it may lead to does not depend on it.
const transactionHeld = time.Millisecond

// Cloud is one deployment with its tables, processes, queues and executions.
type Cloud struct {
	root, dynamo string
	tables       dynamotest.Names
	tablesClient *http.Client
	retries      string // AWS_MAX_ATTEMPTS of the functions
	token        string // of the requests
	server       *httptest.Server
	log          io.Writer
	observer     Observer // nil if nothing observes
	settings     []string // further variables of the functions

	mu        sync.Mutex
	processes map[string]*process
	warm      map[string][]*process
	started   int
	faults    *faults
	queues    *queues
	objects   *objects
	shards    shards
	machine   *machine
	away      bool           // the inventory's functions are unreachable
	late      sync.WaitGroup // invocations that continue after their caller's timeout
}

// NewCloud runs the functions of root's dist folder with tables at a DynamoDB's URL.
// attempts is the SDK's AWS_MAX_ATTEMPTS.
func NewCloud(root, dynamo string, tables dynamotest.Names, attempts string, log io.Writer) *Cloud {
	c := &Cloud{
		root: root, dynamo: dynamo, tables: tables, retries: attempts, log: log,
		tablesClient: &http.Client{Transport: &conflict.Transport{
			Next: http.DefaultTransport, Before: transactionHeld / 2, After: transactionHeld / 2,
		}},
		processes: map[string]*process{}, warm: map[string][]*process{}, faults: newFaults(nil), queues: newQueues(),
		objects: newObjects(),
	}
	c.machine = newMachine(c)
	c.server = httptest.NewServer(c)
	return c
}

// Observer observes each invocation, and each call to AWS with its reply, concurrently.
type Observer interface {
	Invoked(function string)
	Called(operation string, request, reply []byte)
}

// Observe sets the observer, and adds variables to the environment of the processes. Call it before the
// first invocation.
func (c *Cloud) Observe(o Observer, settings ...string) { c.observer, c.settings = o, settings }

// Close kills every process.
func (c *Cloud) Close() {
	c.current().land()
	c.mu.Lock()
	all := maps.Clone(c.processes)
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
		deployment.PlatformTable + "=" + c.tables.Platform, deployment.InvoicesTable + "=" + c.tables.Invoices,
		deployment.InventoryTable + "=" + c.tables.Inventory, deployment.AuditTable + "=" + c.tables.Audit,
		deployment.AuditBucket + "=" + Bucket, deployment.AuditKey + "=key", deployment.AuditOrigin + "=" + Origin,
		deployment.KeysTable + "=" + c.tables.Keys, deployment.LimitsTable + "=" + c.tables.Limits,
		deployment.Issuer + "=" + Issuer, deployment.BusName + "=bus",
		deployment.CompensationARN + "=arn:aws:states:ap-south-1:000000000000:stateMachine:compensate",
		deployment.CancellationARN + "=arn:aws:states:ap-south-1:000000000000:stateMachine:cancel",
		deployment.ReserveFunction + "=reserve-inventory",
	}
	for _, q := range deployment.Queues() {
		url := "http://queue/" + q.Name
		if q.URL != "" {
			vars = append(vars, q.URL+"="+url)
		}
		vars = append(vars, q.DLQ+"="+url+"-dlq")
	}
	return append(vars, c.settings...)
}

// ServeHTTP serves each process's runtime API and AWS endpoint at paths below its id.
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
	if path, is := strings.CutPrefix(rest, "2020-01-01/extension/"); is {
		p.extension(r, path)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the process ended while sending
	}
	if p.call() {
		c.aws(w, r, p, strings.TrimPrefix(rest, "aws"), body)
	}
}

// aws serves a call of a process with its fault, if it has one.
func (c *Cloud) aws(w http.ResponseWriter, r *http.Request, p *process, path string, body []byte) {
	ended := sync.OnceFunc(p.calls.Done)
	defer ended()
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
		ended()
		<-c.current().release
	}
	reply, err := c.perform(r, call, body, how)
	if how == DiesAfter {
		p.kill()
	}
	if err != nil || how == ReplyLost || how == DiesAfter {
		panic(http.ErrAbortHandler)
	}
	if c.observer != nil {
		c.observer.Called(call.operation, body, reply.body)
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

// nameOf returns the name of a table without its random suffix, or that of a queue.
func (c *Cloud) nameOf(target string) string {
	name, _, _ := strings.Cut(target, "-")
	if strings.HasSuffix(target, "-dlq") || strings.HasSuffix(target, "-inventory") {
		return target
	}
	return name
}
