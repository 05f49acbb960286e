package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/tests/framework/invariants"
)

// row holds the attributes read from items of the inventory and invoices tables.
type row struct {
	PK    string `dynamodbav:"pk"`
	State string `dynamodbav:"state"` // of a barrier
	Next  int64  `dynamodbav:"next"`  // of a series
}

// noStockReserved checks P5 for stock: a barrier is SOLD if and only if its saga is
// COMPLETED, and none is RESERVED.
func (r *run) noStockReserved(ctx context.Context, sagas map[string]sagaRow) error {
	wrong, barriers := 0, 0
	err := r.scan(ctx, deployment.InventoryTable, func(item dynamo.Item) error {
		var b row
		if err := attributevalue.UnmarshalMap(item, &b); err != nil {
			return err
		}
		id, is := strings.CutPrefix(b.PK, "BARRIER#")
		if s, known := sagas[id]; is && known {
			barriers++
			if (b.State == "SOLD") != (s.State == saga.Completed) || b.State == "RESERVED" {
				wrong++
			}
		}
		return nil
	})
	r.none(wrong, "P5 each of %d reservations is sold if its saga is COMPLETED, and released otherwise", barriers)
	return err
}

// noGaps checks P6 for allocated numbers: every number of a series up to its next is
// registered, issued or void.
func (r *run) noGaps(ctx context.Context, s *invariants.Snapshot) error {
	numbers, next := map[string]bool{}, map[string]int64{}
	err := r.scan(ctx, deployment.InvoicesTable, func(item dynamo.Item) error {
		var n row
		if err := attributevalue.UnmarshalMap(item, &n); err != nil {
			return err
		}
		if strings.HasPrefix(n.PK, "NUMBER#") {
			numbers[n.PK] = true
		}
		if parts := strings.Split(n.PK, "#"); parts[0] == "SERIES" && r.Ours(parts[1]) {
			next["NUMBER#"+strings.Join(parts[1:4], "#")] = n.Next
		}
		return nil
	})
	if err != nil {
		return err
	}
	gaps, allocated := 0, int64(0)
	for prefix, end := range next {
		year := prefix[strings.LastIndexByte(prefix, '#')+1:]
		for seq := int64(1); seq < end; seq++ {
			allocated++
			number, err := gst.SeriesNumber(series, year, seq)
			if err != nil {
				return err
			}
			if !numbers[prefix+"#"+number] {
				gaps++
			}
		}
	}
	r.none(gaps, "P6 %d numbers were allocated in %d series, without a gap", allocated, len(next))
	duplicates := 0
	for _, n := range s.Numbers {
		duplicates += n - 1
	}
	r.none(duplicates, "P6 no number has two invoices")
	return nil
}
