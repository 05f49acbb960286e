// Package dynamotest gives tests a real DynamoDB: one DynamoDB Local for each test binary,
// which ends with the binary.
package dynamotest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamolocal"
)

// endpoint returns the server's URL. The first call starts the server.
var endpoint = sync.OnceValues(start)

// Client returns a client of the test binary's own DynamoDB Local, or of the server whose
// URL the variable INVOCHAIN_TEST_DYNAMODB contains. It fails the test if neither is there.
func Client(tb testing.TB, opts ...func(*dynamodb.Options)) *dynamodb.Client {
	tb.Helper()
	url, err := endpoint()
	require.NoError(tb, err)
	return dynamodb.New(dynamodb.Options{
		Region:       "ap-south-1",
		BaseEndpoint: aws.String(url),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	}, opts...)
}

func start() (string, error) {
	if url := os.Getenv("INVOCHAIN_TEST_DYNAMODB"); url != "" { //nolint:forbidigo // tests have no main that reads it
		return url, nil
	}
	root, err := checkout()
	if err != nil {
		return "", err
	}
	server, err := dynamolocal.Start(context.Background(), dynamolocal.Config{
		Root: root, JVM: []string{"-Xmx256m", "-XX:TieredStopAtLevel=1"},
	})
	if err != nil {
		return "", err
	}
	return server.URL(), nil
}

// checkout returns the root of the checkout, by its go.mod.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", os.ErrNotExist
}
