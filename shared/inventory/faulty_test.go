package inventory_test

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/inventory"
)

var (
	// errLost is a fault whose outcome the caller cannot know.
	errLost = errors.New("read: connection reset by peer")
	// errConflict is what DynamoDB returns when two transactions meet on an item.
	errConflict = &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{
		{Code: aws.String("None")}, {Code: aws.String("TransactionConflict")},
	}}
	// errThrottled is what DynamoDB returns when a table or partition has no capacity left.
	errThrottled = &types.ProvisionedThroughputExceededException{}
	// errCrash ends a call: the store does not retry it.
	errCrash = &types.ResourceNotFoundException{}
)

// fault is the fate of one call: apply reports whether a write lands before it fails.
type fault struct {
	name  string
	apply bool
	err   error
}

func faults() []fault {
	return []fault{
		{"the write is lost", false, errLost},
		{"the reply is lost", true, errLost},
		{"conflict", false, errConflict},
		{"throttled", false, errThrottled},
	}
}

// faultyDB is DynamoDB with a hook that is called before each query and write.
type faultyDB struct {
	inventory.API

	mu   sync.Mutex
	hook hook
}

// hook decides with which error a call fails, and whether it is sent nevertheless.
type hook func(operation string) (apply bool, err error)

func healthy(string) (bool, error) { return true, nil }

// faultAt returns a hook that injects faults by the number of the write, from 0, and counts
// the writes in *writes.
func faultAt(injected map[int]fault, writes *int) hook {
	return oneAtATime(func(operation string) (bool, error) {
		if operation == "Query" {
			return true, nil
		}
		fault := injected[*writes]
		*writes++
		return fault.apply, fault.err
	})
}

// oneAtATime returns a hook for a store that writes concurrently.
func oneAtATime(h hook) hook {
	var mu sync.Mutex
	return func(operation string) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		return h(operation)
	}
}

// crashAt makes a call whose process crashes at write n, from 0.
func (f fixture) crashAt(n int, landed bool, call func(fixture) string) {
	writes, crashed := 0, false
	f.db.set(oneAtATime(func(operation string) (bool, error) {
		if crashed {
			return false, errCrash
		}
		if operation == "Query" {
			return true, nil
		}
		writes++
		if crashed = writes > n; crashed {
			return landed, errCrash
		}
		return true, nil
	}))
	defer f.db.set(healthy)
	call(f)
}

func (d *faultyDB) set(h hook) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hook = h
}

func (d *faultyDB) Query(
	ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	return send(d, "Query", func() (*dynamodb.QueryOutput, error) { return d.API.Query(ctx, in, o...) })
}

func (d *faultyDB) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	return send(d, "UpdateItem", func() (*dynamodb.UpdateItemOutput, error) { return d.API.UpdateItem(ctx, in, o...) })
}

func (d *faultyDB) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	return send(d, "TransactWriteItems", func() (*dynamodb.TransactWriteItemsOutput, error) {
		return d.API.TransactWriteItems(ctx, in, o...)
	})
}

func send[O any](d *faultyDB, operation string, call func() (*O, error)) (*O, error) {
	d.mu.Lock()
	h := d.hook
	d.mu.Unlock()
	apply, fault := h(operation)
	if fault != nil && !apply {
		return nil, fault
	}
	out, err := call()
	if fault != nil {
		return nil, fault
	}
	return out, err
}
