package awsclient

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// connectTimeout bounds how long Connect waits for all services.
const connectTimeout = time.Second

// Connect opens a connection to each service, for the clients of cfg, and waits for at most a second. An
// init has a whole processor where an invocation has a share of one, so that a handshake there costs the
// first caller nothing. It sends a request without a signature, which the service refuses; the
// connection stays open. Services are constants such as SQS. With endpoints of an emulator, which are
// near, Connect does nothing.
func Connect(ctx context.Context, cfg aws.Config, services ...string) {
	if cfg.BaseEndpoint != nil {
		return
	}
	hosts := map[string]string{}
	for _, service := range services {
		host := map[string]string{DynamoDB: "dynamodb", SQS: "sqs", Inventory: "lambda"}[service]
		hosts[service] = "https://" + host + "." + cfg.Region + ".amazonaws.com/"
	}
	connect(ctx, cfg, hosts)
}

// connect sends a request to the URL of each service.
func connect(ctx context.Context, cfg aws.Config, urls map[string]string) {
	clients, ok := cfg.HTTPClient.(transports)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	ids := map[string]string{DynamoDB: "DynamoDB", SQS: "SQS", Inventory: "Lambda"}
	var wg sync.WaitGroup
	for service, url := range urls {
		wg.Go(func() {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
			if err != nil {
				return
			}
			response, err := clients.of[ids[service]].Do(r)
			if err != nil {
				return // the first call opens the connection instead
			}
			_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // else it could not be used again
			_ = response.Body.Close()
		})
	}
	wg.Wait()
}
