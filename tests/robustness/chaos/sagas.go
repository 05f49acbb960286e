package main

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/saga"
)

// sagaRow is a saga of the run in the platform table.
type sagaRow struct {
	SagaID     string             `dynamodbav:"saga_id"`
	MerchantID string             `dynamodbav:"merchant_id"`
	State      saga.State         `dynamodbav:"state"`
	BegunAt    int64              `dynamodbav:"begun_at"` // Unix milliseconds
	Steps      []saga.StepAttempt `dynamodbav:"steps"`
	InvoiceID  string             `dynamodbav:"invoice_id"`
}

// keyHash returns the hash of the saga's idempotency key, which begins its id.
func (s sagaRow) keyHash() string {
	hash, _, _ := strings.Cut(s.SagaID, "-")
	return hash
}

// lastStep returns the end of the saga's last step.
func (s sagaRow) lastStep() (last time.Time) {
	for _, run := range s.Steps {
		if end := time.UnixMilli(run.StartedAt + run.DurationMS); end.After(last) {
			last = end
		}
	}
	return last
}

// successes counts the successful runs of a step.
func (s sagaRow) successes(name string) (n int) {
	for _, run := range s.Steps {
		if run.Name == name && run.Outcome == saga.OK {
			n++
		}
	}
	return n
}

// sagas returns the sagas of the run's merchants by id, including archived ones whose key
// was used again. It scans the table, which only a test may do.
func (r *run) sagas(ctx context.Context) (map[string]sagaRow, error) {
	all := map[string]sagaRow{}
	err := r.scan(ctx, deployment.PlatformTable, func(item dynamo.Item) error {
		var s sagaRow
		if err := attributevalue.UnmarshalMap(item, &s); err != nil || s.SagaID == "" || !r.Ours(s.MerchantID) {
			return err
		}
		if known, twice := all[s.SagaID]; !twice || !known.State.Ended() {
			all[s.SagaID] = s
		}
		return nil
	})
	return all, err
}

func (r *run) scan(ctx context.Context, table string, each func(dynamo.Item) error) error {
	pages := dynamodb.NewScanPaginator(r.DB, &dynamodb.ScanInput{
		TableName: aws.String(r.Vars(table)), ConsistentRead: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := each(item); err != nil {
				return err
			}
		}
	}
	return nil
}
