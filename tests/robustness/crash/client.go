package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Answer is what a client was told; the zero value when its connection broke.
type Answer struct {
	Status int
	Code   string // of a problem
	Body   string
}

// Post is a client's POST /invoices.
func (c *Cloud) Post(key, body string, header ...string) Answer {
	h := map[string]string{"Idempotency-Key": key, "Content-Type": "application/json"}
	for i := 0; i+1 < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	var out lambdaevents.APIGatewayProxyResponse
	err := c.invokeJSON("create-invoice", lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodPost, Path: "/invoices", Resource: "/invoices", Headers: h, Body: body,
	}, &out)
	if err != nil {
		return Answer{}
	}
	a := Answer{Status: out.StatusCode, Body: out.Body}
	var problem struct{ Code string }
	if json.Unmarshal([]byte(out.Body), &problem) == nil {
		a.Code = problem.Code
	}
	return a
}

// Request is a message on invoice-requests.
func (c *Cloud) Request(key, body string) {
	in, _ := json.Marshal(map[string]any{"idempotency_key": key, "invoice": json.RawMessage(body)})
	c.queues.add("requests", string(in))
}

// Settle delivers messages until none wait, but those that rest, and no execution runs.
func (c *Cloud) Settle() {
	c.queues.wake()
	for range 3 * mostReceives {
		c.machine.running.Wait()
		if !c.deliver() {
			return
		}
	}
}

// Recover lets time pass and runs recovery, as the schedule does, until no saga is
// due. Twice at once, as the schedule may.
func (c *Cloud) Recover(ctx context.Context, db *dynamodb.Client) error {
	var due []string
	for range 8 {
		c.Settle()
		var err error
		if due, err = c.age(ctx, db); err != nil || len(due) == 0 {
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
	return fmt.Errorf("sagas stay due: %s", strings.Join(due, ", "))
}

// age has every lease end and every due time pass, which is what waiting does, and
// tells which sagas are due.
func (c *Cloud) age(ctx context.Context, db *dynamodb.Client) ([]string, error) {
	items, err := scan(ctx, db, c.tables.Platform)
	if err != nil {
		return nil, err
	}
	var due []string
	for _, item := range items {
		if _, is := item["due"]; is {
			due = append(due, fmt.Sprintf("%v %v", item["saga_id"], item["state"]))
		}
		for _, until := range []string{"lease_until", "due"} {
			if err := c.pass(ctx, db, item, until); err != nil {
				return nil, err
			}
		}
	}
	return due, nil
}

// pass has one time of an item be over, unless somebody has moved it meanwhile.
func (c *Cloud) pass(ctx context.Context, db *dynamodb.Client, item map[string]types.AttributeValue, until string) error {
	if _, set := item[until]; !set {
		return nil
	}
	_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &c.tables.Platform, Key: map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]},
		UpdateExpression: aws.String("SET #t = :past"), ConditionExpression: aws.String("#t = :seen"),
		ExpressionAttributeNames:  map[string]string{"#t": until},
		ExpressionAttributeValues: map[string]types.AttributeValue{":past": &types.AttributeValueMemberN{Value: "1"}, ":seen": item[until]},
	})
	if dynamo.ConditionFailed(err) {
		return nil
	}
	return err
}

func scan(ctx context.Context, db *dynamodb.Client, table string) ([]map[string]types.AttributeValue, error) {
	var all []map[string]types.AttributeValue
	for p := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: &table}); p.HasMorePages(); {
		page, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
	}
	return all, nil
}

// Empty forgets the tables, the queues and the bus: the next case starts on
// nothing, and costs as much as the first.
func (c *Cloud) Empty(ctx context.Context, db *dynamodb.Client) error {
	c.forget()
	for _, table := range []string{c.tables.Platform, c.tables.Invoices, c.tables.Inventory, c.tables.Audit} {
		items, err := scan(ctx, db, table)
		if err != nil {
			return err
		}
		for _, item := range items {
			key := map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]}
			if _, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &table, Key: key}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Cloud) forget() {
	c.queues.mu.Lock()
	defer c.queues.mu.Unlock()
	c.queues.waiting, c.queues.resting, c.queues.sent, c.queues.events = map[string][]*message{}, nil, nil, nil
}

// Arm has the writes from now on fail as faults want.
func (c *Cloud) Arm(armed []Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = newFaults(armed)
}

// Recorded are the writes since the last Arm, by name, in the order they came.
func (c *Cloud) Recorded() []string { return c.current().recorded() }

// LandStalled lets stalled writes arrive, and waits for the functions that sent
// them.
func (c *Cloud) LandStalled() {
	c.current().land()
	c.late.Wait()
	c.machine.running.Wait()
}

// Again delivers every message that ever was once more.
func (c *Cloud) Again() { c.queues.again() }

// Created are the ids of the events that told of a merchant's invoices.
func (c *Cloud) Created(merchantID string) []string {
	c.queues.mu.Lock()
	defer c.queues.mu.Unlock()
	var ids []string
	for _, e := range c.queues.events {
		var told struct {
			ID       string `json:"id"`
			Merchant string `json:"merchant_id"`
		}
		if json.Unmarshal(e.Detail, &told) == nil && told.Merchant == merchantID && e.Kind == "invoice.created" && !slices.Contains(ids, told.ID) {
			ids = append(ids, told.ID)
		}
	}
	return ids
}

// DeadLetters are the bodies of what was given up. A failed compensation's is not
// among them: it is the operator's copy, and the saga's record is the truth.
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
