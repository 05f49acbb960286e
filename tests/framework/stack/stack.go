// Package stack is a client of a running InvoChain, for tests, benchmarks and
// operators' tools. It finds everything by the variables of .local/stack.env.
package stack

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/operations"
)

// Stack is a running system.
type Stack struct {
	Vars     func(string) string
	URL      string
	HTTP     *http.Client
	DB       *dynamodb.Client
	SQS      *sqs.Client
	Lambda   *lambda.Client
	SFN      *sfn.Client
	Bus      *eventbridge.Client
	Sagas    *saga.Store
	Invoices *invoice.Store
	Audit    *audit.Log
	Operator operations.Operator
}

// Open reads the variables through lookup and makes the clients.
func Open(ctx context.Context, lookup func(string) string) (*Stack, error) {
	vars := env.New(lookup)
	url := vars.Required("API_URL")
	platform := vars.Required("INVOCHAIN_PLATFORM_TABLE")
	machine := vars.Required("INVOCHAIN_COMPENSATION_ARN")
	queues := queues(vars)
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	if err := vars.Err(); err != nil {
		return nil, fmt.Errorf("is the stack up, and its stack.env read? %w", err)
	}
	return connect(cfg, lookup, url, platform, machine, queues), nil
}

func queues(vars *env.Reader) []operations.Queue {
	var list []operations.Queue
	for _, q := range []struct{ name, env string }{
		{"requests", "REQUESTS"}, {"audit", "AUDIT"}, {"publish", "PUBLISH"}, {"inventory", "INVENTORY"},
	} {
		list = append(list, operations.Queue{
			Name: q.name, Source: vars.Required("INVOCHAIN_" + q.env + "_QUEUE_URL"), DLQ: vars.Required("INVOCHAIN_" + q.env + "_DLQ_URL"),
		})
	}
	return append(list, operations.Queue{Name: "compensation", DLQ: vars.Required("INVOCHAIN_COMPENSATION_DLQ_URL")})
}

func connect(cfg aws.Config, lookup func(string) string, url, platform, machine string, queues []operations.Queue) *Stack {
	s := &Stack{
		Vars: lookup, URL: url, DB: dynamodb.NewFromConfig(cfg), SQS: sqs.NewFromConfig(cfg),
		Lambda: lambda.NewFromConfig(cfg), SFN: sfn.NewFromConfig(cfg), Bus: eventbridge.NewFromConfig(cfg),
		// Fresh connections: net/http would by itself send a request with an
		// Idempotency-Key again when an idle one turns out to be closed.
		HTTP: &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}},
	}
	s.Sagas = saga.Open(s.DB, platform, time.Now)
	s.Invoices = invoice.NewStore(s.DB, lookup("INVOCHAIN_INVOICES_TABLE"))
	s.Audit = audit.New(s.DB, audit.Config{Table: lookup("INVOCHAIN_AUDIT_TABLE")})
	s.Operator = operations.Operator{
		Sagas: s.Sagas, Undoer: saga.StepFunctions{Client: s.SFN, MachineARN: machine}, SQS: s.SQS, Queues: queues,
	}
	return s
}

// Queues are the URLs of the queues behind the answers.
func (s *Stack) Queues() []string {
	var urls []string
	for _, name := range []string{"INVOCHAIN_REQUESTS_QUEUE_URL", "INVOCHAIN_AUDIT_QUEUE_URL", "INVOCHAIN_PUBLISH_QUEUE_URL", "INVOCHAIN_INVENTORY_QUEUE_URL"} {
		urls = append(urls, s.Vars(name))
	}
	return urls
}

// Backlog counts the messages in the queues behind the answers.
func (s *Stack) Backlog(ctx context.Context) (int, error) { return s.Waiting(ctx, s.Queues()) }

// Waiting counts the messages in queues: delayed, waiting and being handled.
func (s *Stack) Waiting(ctx context.Context, urls []string) (int, error) {
	total := 0
	for _, url := range urls {
		out, err := s.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll},
		})
		if err != nil {
			return 0, err
		}
		for _, count := range []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"} {
			n, _ := strconv.Atoi(out.Attributes[count]) // an emulator may leave one out
			total += n
		}
	}
	return total, nil
}
