// Command ours runs the workloads of tests/performance/peers with
// shared/durable/idempotency and shared/durable/saga.
//
//	ours once|transaction ENDPOINT TABLE calls|late-writer|late-failer PREFIX N
//	ours saga ENDPOINT TABLE ADDRESS STEPS
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

var errUsage = errors.New("usage: see the package's comment")

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "ours: "+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 6 && (args[0] == "once" || args[0] == "transaction"):
		n, err := strconv.Atoi(args[5])
		if err != nil {
			return errUsage
		}
		return runKeys(ctx, newKeyRunner(args[1], args[2], args[0] == "transaction"), args[3], args[4], n)
	case len(args) == 5 && args[0] == "saga":
		return serve(ctx, newRunner(client(args[1]), args[2], args[4]), args[3])
	default:
		return errUsage
	}
}

func client(endpoint string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "ap-south-1", BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

func printJSON(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }
