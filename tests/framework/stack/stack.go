// Package stack gives tests and benchmarks a running InvoChain: its API and the AWS
// resources behind it. It finds everything by the variables of .local/stack.env.
package stack

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/operations"
)

// Stack is a running system.
type Stack struct {
	*client.Client // of the API, without a token

	AsOperator *client.Client // of the API, with an operator's tokens
	merchants  *merchants

	Vars     func(string) string
	DB       *dynamodb.Client
	SQS      *sqs.Client
	Lambda   *lambda.Client
	SFN      *sfn.Client
	Bus      *eventbridge.Client
	Sagas    *saga.Store
	Invoices *invoice.Store
	Audit    *audit.Log
	Operator *operations.System
}

// Open reads the variables through lookup and makes the clients.
func Open(ctx context.Context, lookup func(string) string) (*Stack, error) {
	vars := env.New(lookup)
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	s := &Stack{
		// Fresh connections: a call through one that the emulator has closed fails.
		Client: &client.Client{
			URL:  vars.Required("API_URL"),
			HTTP: &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true}},
		},
		Vars: lookup, DB: dynamodb.NewFromConfig(cfg), SQS: sqs.NewFromConfig(cfg),
		Lambda: lambda.NewFromConfig(cfg), SFN: sfn.NewFromConfig(cfg), Bus: eventbridge.NewFromConfig(cfg),
	}
	s.Sagas = saga.Open(s.DB, saga.Config{Table: vars.Required(deployment.PlatformTable)}, time.Now)
	s.Invoices = invoice.NewStore(s.DB, vars.Required(deployment.InvoicesTable))
	s.Audit = audit.New(s.DB, audit.Config{Table: vars.Required(deployment.AuditTable), Now: time.Now})
	s.openCallers(vars)
	if s.Operator, err = operations.Open(cfg, vars, time.Now); err != nil {
		return nil, fmt.Errorf("is the stack up, and its stack.env read? %w", err)
	}
	return s, nil
}

// Queues returns the URLs of the queues that work waits in.
func (s *Stack) Queues() []string {
	var urls []string
	for _, q := range deployment.Queues() {
		if q.URL != "" {
			urls = append(urls, s.Vars(q.URL))
		}
	}
	return urls
}

// Backlog counts the messages in the queues that work waits in.
func (s *Stack) Backlog(ctx context.Context) (int, error) { return s.Waiting(ctx, s.Queues()) }

// Waiting counts the messages in queues: delayed, visible and in flight.
func (s *Stack) Waiting(ctx context.Context, urls []string) (int, error) {
	total := 0
	for _, url := range urls {
		out, err := s.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameAll},
		})
		if err != nil {
			return 0, err
		}
		for _, state := range []string{"", "NotVisible", "Delayed"} {
			n, _ := strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"+state]) // an emulator may leave one out
			total += n
		}
	}
	return total, nil
}
