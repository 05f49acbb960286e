package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// local is a DynamoDB Local of the bench's own.
type local struct {
	url     string
	db      *dynamodb.Client
	process *exec.Cmd
}

// startLocal starts DynamoDB Local on a free loopback port, on disk in dir, or in
// memory if there is none. It ends with ctx, and by stop.
func startLocal(ctx context.Context, dir string) (*local, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	const home = ".cache/dynamodb-local"
	args := []string{
		"-Xmx512m", "-Djava.library.path=" + home, "-cp", filepath.Join(home, "*"),
		"tools/dynamodb-local/Loopback.java", "-sharedDb", "-disableTelemetry", "-port", port,
	}
	if dir == "" {
		args = append(args, "-inMemory")
	} else {
		args = append(args, "-dbPath", dir)
	}
	process := exec.CommandContext(ctx, "java", args...)
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("start DynamoDB Local: %w", err)
	}
	url := "http://" + address
	db := dynamodb.New(dynamodb.Options{
		Region: "ap-south-1", BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	l := &local{url, db, process}
	if err := awaitListener(ctx, address); err != nil {
		l.stop()
		return nil, err
	}
	return l, nil
}

func (l *local) stop() {
	_ = l.process.Process.Kill()
	_ = l.process.Wait()
}

// freeAddress returns a free loopback address.
func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// awaitListener waits until a server accepts connections.
func awaitListener(ctx context.Context, address string) error {
	return await(ctx, time.Minute, address+" listens", func() (bool, error) {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
		if err != nil {
			return false, nil //nolint:nilerr // not yet
		}
		return true, conn.Close()
	})
}

// await polls until done returns true, at most for limit.
func await(ctx context.Context, limit time.Duration, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, ctx.Err())
		case <-tick.C:
		}
	}
}

// table creates a table with a partition key and, if named, a sort key. A table with a
// sort key also gets the platform table's index of due sagas.
func (l *local) table(ctx context.Context, partition, sort string) (string, error) {
	name := "peers-" + rand.Text()[:10]
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	in.KeySchema, in.AttributeDefinitions = keys(partition, sort)
	if sort != "" {
		schema, attributes := keys("due_shard", "due")
		attributes[1].AttributeType = types.ScalarAttributeTypeN
		in.AttributeDefinitions = append(in.AttributeDefinitions, attributes...)
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: aws.String("due"), KeySchema: schema,
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}}
	}
	_, err := l.db.CreateTable(ctx, in)
	return name, err
}

func keys(partition, sort string) (schema []types.KeySchemaElement, attributes []types.AttributeDefinition) {
	for i, name := range []string{partition, sort} {
		if name == "" {
			continue
		}
		kind := []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]
		schema = append(schema, types.KeySchemaElement{AttributeName: &name, KeyType: kind})
		attributes = append(attributes, types.AttributeDefinition{
			AttributeName: &name, AttributeType: types.ScalarAttributeTypeS,
		})
	}
	return schema, attributes
}
