// Package dynamotest gives tests a real DynamoDB: DynamoDB Local, one process
// for each test binary, on a free loopback port, gone when the binary ends.
package dynamotest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

const startLimit = 60 * time.Second

var errNotFetched = errors.New("DynamoDB Local is not in .cache/dynamodb-local: run `make dynamodb-local`")

// endpoint starts the server on its first call and is shared from then on.
var endpoint = sync.OnceValues(start)

// Client returns a client of the test binary's own DynamoDB Local, or of the
// one that INVOCHAIN_TEST_DYNAMODB names. It fails the test when there is none.
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
	if url := os.Getenv("INVOCHAIN_TEST_DYNAMODB"); url != "" { //nolint:forbidigo // the one place where tests are told of a server
		return url, nil
	}
	root, err := checkout()
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	if err := spawn(root, port); err != nil {
		return "", err
	}
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	return url, waitReady(port)
}

// spawn starts Java under a shell that ends it as soon as this process's end of
// the pipe closes, however this process ends: no server outlives its tests.
func spawn(root string, port int) error {
	script := `java -Xmx256m -XX:TieredStopAtLevel=1 -Djava.library.path="$0/.cache/dynamodb-local" ` +
		`-cp "$0/.cache/dynamodb-local/*" "$0/tools/dynamodb-local/Loopback.java" ` +
		`-inMemory -sharedDb -disableTelemetry -port "$1" & pid=$!; read -r _; kill $pid`
	cmd := exec.CommandContext(context.Background(), "sh", "-c", script, root, strconv.Itoa(port)) //nolint:gosec // arguments are ours
	alive, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start DynamoDB Local (is Java 17 installed?): %w", err)
	}
	go drain(out, alive)
	return nil
}

// drain also holds the pipe open for as long as the process lives.
func drain(out io.Reader, alive io.Closer) {
	for s := bufio.NewScanner(out); s.Scan(); {
		continue
	}
	_ = alive.Close()
}

func waitReady(port int) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		dialer := net.Dialer{Timeout: time.Second}
		conn, err := dialer.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("DynamoDB Local did not start within %s: %w", startLimit, err)
		case <-tick.C:
		}
	}
}

func freePort() (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no TCP address")
	}
	return addr.Port, nil
}

// checkout is the folder above the test that holds the fetched server.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if found, _ := filepath.Glob(filepath.Join(dir, ".cache", "dynamodb-local", "DynamoDBLocal-*.jar")); len(found) > 0 {
			return dir, nil
		}
	}
	return "", errNotFetched
}
