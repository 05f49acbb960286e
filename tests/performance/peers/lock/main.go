// Command lock measures shared/durable/lock and cirello.io/dynamolock/v2 with one SDK and
// the same loops. It is a module of its own so that the peer is in no other go.mod.
//
//	lock ENDPOINT TABLE invochain|dynamolock basics N
//	lock ENDPOINT TABLE invochain|dynamolock takeover
//	lock ENDPOINT TABLE invochain|dynamolock|dynamolock-20ms contend
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

var errUsage = errors.New("usage: see the package's comment")

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lock: "+err.Error())
		os.Exit(1) //nolint:gocritic // the deferred cancel only frees a timer
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 4 {
		return errUsage
	}
	db := dynamodb.New(dynamodb.Options{
		Region: "ap-south-1", BaseEndpoint: aws.String(args[0]),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	open := func(lease time.Duration) locker { return newLocker(db, args[1], args[2], lease) }
	var got any
	var err error
	switch args[3] {
	case "basics":
		n, convErr := strconv.Atoi(args[len(args)-1])
		if convErr != nil {
			return errUsage
		}
		got, err = basics(ctx, open(10*time.Second), n)
	case "takeover":
		got, err = takeovers(ctx, open)
	case "contend":
		got, err = contend(ctx, open)
	default:
		return errUsage
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(got)
}
