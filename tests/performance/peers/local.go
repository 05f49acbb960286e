package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamolocal"
	"github.com/invochain/invochain/tools/process"
)

// local is a DynamoDB Local that belongs to this run.
type local struct {
	server *dynamolocal.Server
	url    string
	db     *dynamodb.Client
}

// startLocal starts DynamoDB Local with its data in dir, or in memory if dir is empty. The
// server ends with ctx and by stop.
func startLocal(ctx context.Context, dir string) (*local, error) {
	server, err := dynamolocal.Start(ctx, dynamolocal.Config{Root: ".", Dir: dir, JVM: []string{"-Xmx512m"}})
	if err != nil {
		return nil, err
	}
	db := dynamodb.New(dynamodb.Options{
		Region: "ap-south-1", BaseEndpoint: aws.String(server.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	return &local{server, server.URL(), db}, nil
}

func (l *local) stop() { l.server.Stop() }

// freeAddress returns a free loopback address.
func freeAddress(ctx context.Context) (string, error) {
	port, err := dynamolocal.FreePort(ctx)
	return fmt.Sprintf("127.0.0.1:%d", port), err
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
	err := process.Await(ctx, limit, 20*time.Millisecond, func() (bool, error) {
		ok, err := done()
		return ok || err != nil, err
	})
	if err != nil {
		return fmt.Errorf("wait until %s: %w", what, err)
	}
	return nil
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
