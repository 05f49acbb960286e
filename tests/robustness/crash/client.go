package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Answer is a client's response; it is zero if the connection broke.
type Answer struct {
	Status int
	Code   string // of a problem
	Body   string
}

// SignIn sets the access token of the following requests.
func (c *Cloud) SignIn(token string) { c.token = token }

// Post sends a POST /invoices.
func (c *Cloud) Post(key, body string, header ...string) Answer {
	return c.send(lambdaevents.APIGatewayProxyRequest{Path: "/invoices", Resource: "/invoices"}, key, body, header...)
}

// Cancel sends a POST /invoices/{id}/cancellation.
func (c *Cloud) Cancel(key, invoiceID string) Answer {
	return c.send(lambdaevents.APIGatewayProxyRequest{
		Path: "/invoices/" + invoiceID + "/cancellation", Resource: "/invoices/{id}/cancellation",
		PathParameters: map[string]string{"id": invoiceID},
	}, key, `{"reason":"duplicate"}`)
}

func (c *Cloud) send(r lambdaevents.APIGatewayProxyRequest, key, body string, header ...string) Answer {
	h := map[string]string{
		"Idempotency-Key": key, "Content-Type": "application/json", "Authorization": "Bearer " + c.token,
	}
	for i := 0; i+1 < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	var out lambdaevents.APIGatewayProxyResponse
	r.HTTPMethod, r.Headers, r.Body = http.MethodPost, h, body
	if err := c.invokeJSON("create-invoice", r, &out); err != nil {
		return Answer{}
	}
	a := Answer{Status: out.StatusCode, Body: out.Body}
	var problem struct{ Code string }
	if json.Unmarshal([]byte(out.Body), &problem) == nil {
		a.Code = problem.Code
	}
	return a
}

// Request sends a message to the requests queue.
func (c *Cloud) Request(key, body string) {
	in, _ := json.Marshal(map[string]any{"idempotency_key": key, "invoice": json.RawMessage(body)})
	c.queues.add("requests", string(in))
}

// Settle delivers messages until none is left, except suspended ones, and no execution runs.
func (c *Cloud) Settle() {
	c.queues.resume()
	for range 3 * maxReceives {
		c.machine.running.Wait()
		if !c.deliver() {
			return
		}
	}
}

// Recover advances the time and runs recovery until no saga is due. It runs two instances
// concurrently, as the schedule may.
func (c *Cloud) Recover(ctx context.Context, db *dynamodb.Client) error {
	var due []string
	for range 8 {
		c.Settle()
		var err error
		if due, err = c.expire(ctx, db); err != nil || len(due) == 0 {
			return err
		}
		second := make(chan struct{})
		go func() {
			defer close(second)
			_, _ = c.invoke("recover-sagas", []byte(`{}`))
		}()
		_, _ = c.invoke("recover-sagas", []byte(`{}`))
		<-second
	}
	c.Settle()
	return fmt.Errorf("sagas are still due: %s", strings.Join(due, ", "))
}

// Arm sets the faults of the following writes and restarts their numbering.
func (c *Cloud) Arm(armed []Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = newFaults(armed)
}

// Recorded returns the names of the writes since the last Arm, in order.
func (c *Cloud) Recorded() []string { return c.current().recorded() }

// LandStalled lets stalled writes land and waits for the functions that sent them.
func (c *Cloud) LandStalled() {
	c.current().land()
	c.late.Wait()
	c.machine.running.Wait()
}

// RedeliverAll delivers every message of the case once more.
func (c *Cloud) RedeliverAll() { c.queues.redeliverAll() }

// Published returns the ids of a merchant's events of a type.
func (c *Cloud) Published(kind, merchantID string) []string {
	c.queues.mu.Lock()
	defer c.queues.mu.Unlock()
	var ids []string
	for _, e := range c.queues.events {
		var detail struct {
			ID       string `json:"id"`
			Merchant string `json:"merchant_id"`
		}
		if json.Unmarshal(e.Detail, &detail) != nil || e.Kind != kind || detail.Merchant != merchantID {
			continue
		}
		if !slices.Contains(ids, detail.ID) {
			ids = append(ids, detail.ID)
		}
	}
	return ids
}

// DeadLetters returns the bodies of dead letters. It omits those of failed compensations,
// which are copies for the operator: the saga's record is authoritative.
func (c *Cloud) DeadLetters() []string {
	c.queues.mu.Lock()
	defer c.queues.mu.Unlock()
	var bodies []string
	for queue, list := range c.queues.waiting {
		if strings.HasSuffix(queue, "-dlq") && queue != "compensation-dlq" {
			for _, m := range list {
				bodies = append(bodies, queue+": "+m.body)
			}
		}
	}
	return bodies
}
