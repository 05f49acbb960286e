// Package cloud makes the one AWS configuration that a function's clients share.
package cloud

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Limits of one call. A call that hangs must fail while there is time to answer.
const (
	dialTimeout    = time.Second
	attemptTimeout = 5 * time.Second
	maxAttempts    = 3
	maxBackoff     = time.Second
	idleConns      = 64
)

// Load reads the region, credentials and endpoint from the environment in the
// SDK's own way. Calls are retried at most twice, with jitter; a context's
// deadline ends them earlier.
func Load(ctx context.Context) (aws.Config, error) {
	return config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(Transport()),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff = maxAttempts, maxBackoff
			})
		}))
}

// Transport keeps enough idle connections for a batch handled side by side.
func Transport() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(attemptTimeout).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = idleConns, idleConns
		})
}
