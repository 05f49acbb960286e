package dynamotest

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// ErrLost is a fault after which the caller cannot know whether the write landed.
var ErrLost = errors.New("the connection was lost")

// Faults is a client whose writes can fail in two ways: the write is lost, or the write lands
// and its reply is lost. It also records its calls.
type Faults struct {
	*dynamodb.Client
	// Hook is called before each write. It decides whether the write is sent, and returns the
	// error that replaces the reply, if any. A nil Hook causes no faults.
	Hook func(operation string) (apply bool, err error)

	mu    sync.Mutex
	calls []string
}

// Calls returns the operations that were called since the last Forget, in order.
func (f *Faults) Calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.calls...)
}

// Forget clears the list of calls.
func (f *Faults) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = nil
}

func (f *Faults) record(operation string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, operation)
}

func write[O any](f *Faults, operation string, send func() (*O, error)) (*O, error) {
	f.record(operation)
	apply, fault := true, error(nil)
	if f.Hook != nil {
		apply, fault = f.Hook(operation)
	}
	var out *O
	var err error
	if apply {
		out, err = send()
	}
	if fault != nil {
		return nil, fault
	}
	return out, err
}

// PutItem puts an item, subject to Hook.
func (f *Faults) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	return write(f, "PutItem", func() (*dynamodb.PutItemOutput, error) { return f.Client.PutItem(ctx, in, o...) })
}

// UpdateItem updates an item, subject to Hook.
func (f *Faults) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	return write(f, "UpdateItem", func() (*dynamodb.UpdateItemOutput, error) {
		return f.Client.UpdateItem(ctx, in, o...)
	})
}

// TransactWriteItems writes a transaction, subject to Hook.
func (f *Faults) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	return write(f, "TransactWriteItems", func() (*dynamodb.TransactWriteItemsOutput, error) {
		return f.Client.TransactWriteItems(ctx, in, o...)
	})
}

// GetItem reads an item and records the call.
func (f *Faults) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	f.record("GetItem")
	return f.Client.GetItem(ctx, in, o...)
}

// BatchGetItem reads items and records the call.
func (f *Faults) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	f.record("BatchGetItem")
	return f.Client.BatchGetItem(ctx, in, o...)
}

// Nth returns a hook that answers the nth write, counted from 1, with ErrLost. applied decides
// whether that write lands. done reports whether the nth write was reached.
func Nth(n int, applied bool) (hook func(string) (bool, error), done func() bool) {
	var mu sync.Mutex
	writes := 0
	hook = func(string) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		writes++
		if writes == n {
			return applied, ErrLost
		}
		return true, nil
	}
	return hook, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return writes >= n
	}
}
