package dynamotest

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// ErrLost is a fault whose outcome the caller cannot know.
var ErrLost = errors.New("the connection was lost")

// Faults is a client whose writes can fail in two ways: the write is lost, or the
// write lands and its reply is lost. Hook is asked before each write; nil means
// that all is well. It also counts calls and, when asked for, write units.
type Faults struct {
	*dynamodb.Client
	// Hook says whether the write is sent, and with which error it is answered.
	Hook func(operation string) (apply bool, err error)

	mu    sync.Mutex
	calls []string
}

// Calls made so far, in order; Forget empties the list.
func (f *Faults) Calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.calls...)
}

// Forget the calls so far.
func (f *Faults) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = nil
}

func (f *Faults) note(operation string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, operation)
}

func write[O any](f *Faults, operation string, send func() (*O, error)) (*O, error) {
	f.note(operation)
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

// PutItem may fail.
func (f *Faults) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return write(f, "PutItem", func() (*dynamodb.PutItemOutput, error) { return f.Client.PutItem(ctx, in, o...) })
}

// UpdateItem may fail.
func (f *Faults) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return write(f, "UpdateItem", func() (*dynamodb.UpdateItemOutput, error) { return f.Client.UpdateItem(ctx, in, o...) })
}

// TransactWriteItems may fail.
func (f *Faults) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return write(f, "TransactWriteItems", func() (*dynamodb.TransactWriteItemsOutput, error) {
		return f.Client.TransactWriteItems(ctx, in, o...)
	})
}

// GetItem is counted.
func (f *Faults) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	f.note("GetItem")
	return f.Client.GetItem(ctx, in, o...)
}

// Nth makes a hook that faults the nth write, from 1: before it is applied, or
// after. done tells whether it was reached.
func Nth(n int, applied bool) (hook func(string) (bool, error), done func() bool) {
	var mu sync.Mutex
	seen := 0
	hook = func(string) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		seen++
		if seen == n {
			return applied, ErrLost
		}
		return true, nil
	}
	return hook, func() bool {
		mu.Lock()
		defer mu.Unlock()
		return seen >= n
	}
}
