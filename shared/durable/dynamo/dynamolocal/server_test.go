package dynamolocal_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamolocal"
)

func config(t *testing.T) dynamolocal.Config {
	t.Helper()
	root, err := filepath.Abs("../../../..")
	require.NoError(t, err)
	return dynamolocal.Config{Root: root, JVM: []string{"-Xmx64m", "-XX:TieredStopAtLevel=1"}}
}

func TestStartAnswersUntilStop(t *testing.T) {
	t.Parallel()
	server, err := dynamolocal.Start(t.Context(), config(t))
	require.NoError(t, err)
	url := server.URL()
	client := dynamodb.New(dynamodb.Options{
		Region: "ap-south-1", BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	_, err = client.ListTables(t.Context(), nil)
	require.NoError(t, err)
	server.Stop()
	requireClosed(t, url)
}

func TestServerEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server, err := dynamolocal.Start(ctx, config(t))
	require.NoError(t, err)
	cancel()
	require.Eventually(t, func() bool { return closed(server.URL()) }, 10*time.Second, 20*time.Millisecond)
}

func TestStartReportsWhyTheServerExited(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.JVM = []string{"-Xmx1"}
	_, err := dynamolocal.Start(t.Context(), cfg)
	require.ErrorContains(t, err, "exit status 1")
}

func TestStartWithoutTheServer(t *testing.T) {
	t.Parallel()
	_, err := dynamolocal.Start(t.Context(), dynamolocal.Config{Root: t.TempDir()})
	require.ErrorIs(t, err, dynamolocal.ErrNotFetched)
}

func requireClosed(t *testing.T, url string) {
	t.Helper()
	require.True(t, closed(url), "the port is free again")
}

func closed(url string) bool {
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")) //nolint:noctx // the loopback answers at once
	if err == nil {
		_ = conn.Close()
	}
	return err != nil
}

func ExampleCommand() {
	_, err := dynamolocal.Command(dynamolocal.Config{Root: "not-a-checkout", Port: 8000})
	fmt.Println(err)
	// Output: DynamoDB Local is not in .cache/dynamodb-local: run `make dynamodb-local`
}
