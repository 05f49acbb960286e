package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/deployment"
)

// bareStack is the deployment of the bare functions on the same emulator.
type bareStack struct {
	*load
	code   []byte
	vars   map[string]string
	queues []string
	names  []string // of functions
	rule   string
}

// deployBare creates the functions, queues and event source mappings with the sizes and
// limits of infra.
func (l *load) deployBare(ctx context.Context, f *fixture) (*bareStack, error) {
	b := &bareStack{load: l, rule: "bare", vars: map[string]string{}}
	var err error
	if b.vars["BARE_SAGA"], err = f.completedSaga(ctx); err != nil {
		return nil, err
	}
	for _, name := range []string{
		deployment.PlatformTable, deployment.InvoicesTable, deployment.InventoryTable, deployment.AuditTable,
		deployment.LimitsTable, deployment.BusName,
	} {
		b.vars[name] = l.Vars(name)
	}
	if b.code, err = buildBare(ctx, l.dir); err != nil {
		return nil, err
	}
	audit, err := b.queue(ctx, "bare-audit")
	if err != nil {
		return b, err
	}
	publish, err := b.queue(ctx, "bare-publish")
	if err != nil {
		return b, err
	}
	sold, err := b.queue(ctx, "bare-sold")
	if err != nil {
		return b, err
	}
	b.vars["BARE_AUDIT_URL"], b.vars["BARE_PUBLISH_URL"], b.vars["BARE_RESERVE"] = audit.url, publish.url, "bare-reserve"
	return b, errors.Join(
		b.function(ctx, "reserve"), b.function(ctx, "create"),
		b.consumer(ctx, "audit", audit, 97, 2), b.consumer(ctx, "publish", publish, 50, 20),
		b.consumer(ctx, "sold", sold, 50, 5),
		b.subscribe(ctx, sold))
}

// buildBare builds the binary like those of the functions, and zips it.
func buildBare(ctx context.Context, dir string) ([]byte, error) {
	path := filepath.Join(dir, "bare")
	build := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w",
		"-o", path, "./tests/performance/load/bare")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the bare functions: %w\n%s", err, out)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	header.SetMode(0o755)
	w, err := z.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(program)
	err = errors.Join(err, z.Close())
	return packed.Bytes(), err
}

type bareQueue struct{ url, arn string }

func (b *bareStack) queue(ctx context.Context, name string) (bareQueue, error) {
	q, err := b.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{
		QueueName: &name, Attributes: map[string]string{"VisibilityTimeout": "120"},
	})
	if err != nil {
		return bareQueue{}, err
	}
	b.queues = append(b.queues, *q.QueueUrl)
	arn := sqstypes.QueueAttributeNameQueueArn
	attrs, err := b.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: q.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{arn},
	})
	if err != nil {
		return bareQueue{}, err
	}
	return bareQueue{*q.QueueUrl, attrs.Attributes[string(arn)]}, nil
}

func (b *bareStack) function(ctx context.Context, role string) error {
	vars := map[string]string{"BARE_ROLE": role, "GOGC": "400", "GOMAXPROCS": "1"}
	maps.Copy(vars, b.vars)
	name := "bare-" + role
	_, err := b.Lambda.CreateFunction(ctx, &lambda.CreateFunctionInput{
		FunctionName: &name, Role: aws.String("arn:aws:iam::000000000000:role/bare"),
		Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Timeout: aws.Int32(20), MemorySize: aws.Int32(256),
		Code: &lambdatypes.FunctionCode{ZipFile: b.code}, Environment: &lambdatypes.Environment{Variables: vars},
	})
	b.names = append(b.names, name)
	return err
}

func (b *bareStack) consumer(ctx context.Context, role string, from bareQueue, batch, maxConcurrency int32) error {
	if err := b.function(ctx, role); err != nil {
		return err
	}
	_, err := b.Lambda.CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{
		FunctionName: aws.String("bare-" + role), EventSourceArn: &from.arn,
		BatchSize: aws.Int32(batch), MaximumBatchingWindowInSeconds: aws.Int32(1),
		FunctionResponseTypes: []lambdatypes.FunctionResponseType{lambdatypes.FunctionResponseTypeReportBatchItemFailures},
		ScalingConfig:         &lambdatypes.ScalingConfig{MaximumConcurrency: &maxConcurrency},
	})
	return err
}

// subscribe creates the bus's rule that sends the bare functions' events to a queue.
func (b *bareStack) subscribe(ctx context.Context, to bareQueue) error {
	bus := b.vars[deployment.BusName]
	_, err := b.Bus.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: &b.rule, EventBusName: &bus, EventPattern: aws.String(`{"source":["bare"]}`),
	})
	if err != nil {
		return err
	}
	_, err = b.Bus.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule: &b.rule, EventBusName: &bus, Targets: []ebtypes.Target{{Id: aws.String("q"), Arn: &to.arn}},
	})
	return err
}

// remove deletes the deployment, as far as it was created.
func (b *bareStack) remove(ctx context.Context) {
	bus := b.vars[deployment.BusName]
	_, _ = b.Bus.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: &b.rule, EventBusName: &bus, Ids: []string{"q"}})
	_, _ = b.Bus.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: &b.rule, EventBusName: &bus})
	for _, name := range b.names {
		mappings, err := b.Lambda.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{FunctionName: &name})
		if err == nil {
			for _, m := range mappings.EventSourceMappings {
				_, _ = b.Lambda.DeleteEventSourceMapping(ctx, &lambda.DeleteEventSourceMappingInput{UUID: m.UUID})
			}
		}
		_, _ = b.Lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &name})
	}
	for _, url := range b.queues {
		_, _ = b.SQS.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: &url})
	}
}
