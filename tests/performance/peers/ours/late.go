package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

var errFailedLate = errors.New("failed late")

func runKeys(ctx context.Context, k *keyRunner, what, prefix string, n int) error {
	if what != "calls" {
		return k.late(ctx, prefix, what == "late-failer")
	}
	took := make([]float64, 0, n)
	for i := range n {
		id := fmt.Sprintf("%s-%d", prefix, i)
		began := time.Now()
		if _, err := k.once(ctx, id, func() (string, dynamo.Item, error) { return id, effect(id), nil }); err != nil {
			return err
		}
		took = append(took, float64(time.Since(began).Microseconds())/1000)
	}
	return printJSON(map[string]any{"ms": took, "runs": k.runs})
}

// effect returns the item that the work writes.
func effect(id string) dynamo.Item {
	return dynamo.Item{
		"pk": &types.AttributeValueMemberS{Value: "effect#" + id},
		"sk": &types.AttributeValueMemberS{Value: "effect"},
	}
}

// late stalls a run beyond its lease while another run does the work.
func (k *keyRunner) late(ctx context.Context, id string, fails bool) error {
	begun, woken, first := make(chan struct{}), make(chan struct{}), make(chan string)
	stall := func() (string, dynamo.Item, error) {
		close(begun)
		<-woken
		if fails {
			return "", nil, errFailedLate
		}
		return "first", effect("first"), nil
	}
	slow := *k
	go func() { first <- result(slow.once(ctx, id, stall)) }()
	<-begun
	time.Sleep(2 * lease)
	second := result(k.once(ctx, id, answerWith("second")))
	close(woken)
	late := <-first
	replay := result(k.once(ctx, id, answerWith("third")))
	return printJSON(map[string]any{
		"second": second, "late": late, "replay": replay,
		"runs": slow.runs + k.runs, "effects": slow.effects + k.effects,
	})
}

func answerWith(answer string) work {
	return func() (string, dynamo.Item, error) { return answer, effect(answer), nil }
}

func result(answer string, err error) string {
	if err != nil {
		return "error: " + strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return answer
}
