package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
)

// call is a process's call of AWS.
type call struct {
	service, operation, target string
	writes                     bool
	items                      int // number of items in a transaction; 0 for a single write
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

// identify reads a call's service and operation from its target header, and its table or
// queue from its body.
func identify(r *http.Request, path string, body []byte) call {
	if name, is := strings.CutPrefix(path, "/2015-03-31/functions/"); is {
		return call{"lambda", "Invoke", strings.TrimSuffix(name, "/invocations"), true, 0}
	}
	if name, is := objectOf(path); is {
		return call{"s3", r.Method, name, r.Method == http.MethodPut, 0}
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
	c.writes = !strings.HasPrefix(operation, "Get") && operation != "Query" && operation != "BatchGetItem" &&
		operation != "Sign"
	return c
}

// perform executes a call, or lets DynamoDB refuse it if how is Throttled or Conflicted.
func (c *Cloud) perform(r *http.Request, k call, body []byte, how string) (reply, error) {
	inDynamoDB := strings.HasPrefix(k.service, "DynamoDB")
	switch {
	case how == Throttled && inDynamoDB:
		return answer(http.StatusBadRequest, map[string]string{
			"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
		})
	case how == Conflicted && k.items > 0:
		return reply{http.StatusBadRequest, nil, conflict.Cancellation(slices.Repeat([]bool{true}, k.items))}, nil
	case how == Conflicted && inDynamoDB:
		return reply{http.StatusBadRequest, nil, conflict.Exception()}, nil
	case inDynamoDB && c.shards.isEmpty(k.operation, body):
		return noItems()
	case inDynamoDB:
		if k.writes {
			c.shards.written(body)
		}
		return c.forward(r, body)
	case k.service == "s3":
		return c.objects.serve(r, k.target, body), nil
	case k.operation == "Sign":
		return c.objects.sign(body)
	case k.operation == "GetPublicKey":
		return c.objects.publicKey()
	case k.operation == "Invoke":
		return c.invokeReply(k.target, body)
	case k.operation == "GetQueueAttributes": // for gauges, which are not tested here
		return answer(http.StatusOK, map[string]any{"Attributes": map[string]string{}})
	case k.operation == "SendMessage":
		return c.queues.send(k.target, body)
	case k.operation == "SendMessageBatch":
		return c.queues.sendBatch(k.target, body)
	case k.operation == "ChangeMessageVisibilityBatch": // the tests control time
		return answer(http.StatusOK, map[string]any{"Successful": []string{}, "Failed": []string{}})
	case k.operation == "PutEvents":
		return c.queues.publish(body)
	case k.operation == "StartExecution":
		return c.machine.start(body)
	default:
		return reply{}, errors.New("unknown call " + k.operation)
	}
}

// forward sends a call to DynamoDB Local, which refuses writes that meet a transaction, as on
// AWS.
func (c *Cloud) forward(r *http.Request, body []byte) (reply, error) {
	//nolint:noctx // a write must not be canceled when its sender ends
	out, err := http.NewRequest(http.MethodPost, c.dynamo, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	out.Header = r.Header.Clone()
	in, err := c.tablesClient.Do(out)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = in.Body.Close() }()
	body, err = io.ReadAll(in.Body)
	return reply{in.StatusCode, in.Header, body}, err
}

// invokeReply serves Lambda's Invoke.
func (c *Cloud) invokeReply(function string, payload []byte) (reply, error) {
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
