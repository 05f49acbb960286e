package main

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// MiniStack's tables live in DynamoDB Local: it is one event loop, and would have no
// time for them under load. A deploy makes them in the emulator, where nobody looks; here
// they are copied, empty, to where the functions do.

const tablesVariable = "AWS_ENDPOINT_URL_DYNAMODB"

func (s *stack) tablesEndpoint() string {
	if !s.bed.tablesBeside {
		return s.endpoint()
	}
	return "http://127.0.0.1:" + s.savedPort("tables")
}

var errNotFetched = errors.New("DynamoDB Local is not in .cache/dynamodb-local: make dynamodb-local fetches it")

func (s *stack) checkTables() error {
	if !s.bed.tablesBeside {
		return nil
	}
	found, err := filepath.Glob(filepath.Join(s.cache, "dynamodb-local", "DynamoDBLocal-*.jar"))
	if err == nil && len(found) == 0 {
		err = errNotFetched
	}
	return err
}

// startTables does not wait for them: they come up while the stacks are deployed.
func (s *stack) startTables(ctx context.Context) error {
	port, err := freePort(ctx, 0)
	if err != nil {
		return err
	}
	jars := filepath.Join(s.cache, "dynamodb-local")
	return s.start(ctx, "tables", port, nil, "java", "-Xms1g", "-Xmx1g", "-Xmn600m", "-XX:+UseSerialGC",
		"-Djava.library.path="+jars, "-cp", filepath.Join(jars, "*"), filepath.Join(s.root, "tools", "dynamodb-local", "Loopback.java"),
		"-inMemory", "-sharedDb", "-disableTelemetry", "-port", strconv.Itoa(port))
}

// deployTables makes the tables what the deployed ones are.
func (s *stack) deployTables(ctx context.Context) error {
	if !s.bed.tablesBeside {
		return nil
	}
	if err := s.awaitUp(ctx, "tables", s.tablesEndpoint()); err != nil {
		return err
	}
	return mirror(ctx, tablesAt(s.endpoint()), tablesAt(s.tablesEndpoint()))
}

func tablesAt(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: region, BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}
