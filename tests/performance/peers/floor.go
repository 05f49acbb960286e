package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// floorWindow is how long the store alone is measured for each number of clients.
const floorWindow = 1200 * time.Millisecond

// measureFloor measures the stores alone, which bound the times of sagas from below. It
// also warms up both Java processes.
func measureFloor(ctx context.Context, memory, disk *local) error {
	fmt.Println("\n| the store alone | call | 1 client: calls/s | p50 ms | 16 clients: calls/s | p50 ms |")
	fmt.Println("|---|---|---|---|---|---|")
	for _, store := range []struct {
		name string
		*local
	}{{"DynamoDB Local in memory", memory}, {"DynamoDB Local on disk", disk}} {
		table, err := store.table(ctx, "pk", "sk")
		if err != nil {
			return err
		}
		for call, send := range []func(context.Context, *types.Put) error{store.put, store.transact} {
			cells := []string{"| " + store.name, []string{"PutItem, conditional", "TransactWriteItems of one"}[call]}
			for _, clients := range []int{1, 16} {
				took, err := loop(ctx, clients, floorWindow, func(ctx context.Context, n int64) error {
					return send(ctx, newItem(table, fmt.Sprintf("%d-%d-%d", call, clients, n)))
				})
				if err != nil {
					return err
				}
				cells = append(cells, fmt.Sprintf("%.0f", float64(len(took))/floorWindow.Seconds()), percentile(0.5, took))
			}
			fmt.Println(strings.Join(cells, " | ") + " |")
		}
	}
	return nil
}

func (l *local) put(ctx context.Context, p *types.Put) error {
	_, err := l.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: p.TableName, Item: p.Item, ConditionExpression: p.ConditionExpression,
	})
	return err
}

func (l *local) transact(ctx context.Context, p *types.Put) error {
	_, err := l.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Put: p}},
	})
	return err
}

func newItem(table, id string) *types.Put {
	return &types.Put{
		TableName: &table, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: id}, "sk": &types.AttributeValueMemberS{Value: "floor"},
		},
	}
}

// countSagaCalls counts the store calls of one of our sagas, without recovery's queries.
func countSagaCalls(ctx context.Context, l *local, dir, steps string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	m, err := startMeter(ctx, l.url)
	if err != nil {
		return err
	}
	table, err := l.table(ctx, "pk", "sk")
	if err != nil {
		return err
	}
	bin, err := filepath.Abs(ours)
	if err != nil {
		return err
	}
	s := &system{name: "shared/durable/saga, counted", dir: filepath.Join(dir, "counted"), steps: steps}
	if s.address, err = freeAddress(ctx); err != nil {
		return err
	}
	s.command = []string{bin, "saga", m.url, table, s.address, steps}
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	defer s.kill()
	fmt.Println("\n| shared/durable/saga, a saga | store calls |")
	fmt.Println("|---|---|")
	for _, fails := range []bool{false, true} {
		m.take()
		for n := range counted {
			if err := s.run(ctx, "counted-"+how(fails)+strconv.Itoa(n), fails); (err != nil) != fails {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
		calls, _ := m.take()
		fmt.Printf("| %s | %s |\n", outcomeName(fails), perCall(float64(calls)))
	}
	return nil
}
