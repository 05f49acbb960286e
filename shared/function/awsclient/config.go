// Package awsclient loads the AWS configuration that a function's clients share. Calls of
// these clients are made under the policies of package resilience.
package awsclient

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/middleware"
)

// Limits of a connection.
const (
	dialTimeout  = time.Second
	maxIdleConns = 64
)

// Load reads the region, credentials and endpoint from the environment as the SDK does,
// and returns a configuration whose clients call under the policies of o. A deadline of
// a call's context ends the call earlier.
func Load(ctx context.Context, o Options) (aws.Config, error) {
	ls := newLimiters(o)
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(Transport()))
	cfg.Retryer = func() aws.Retryer { return newRetryer(ls) } // as a load option, it would hide AWS_MAX_ATTEMPTS
	cfg.HTTPClient = ls.transports(cfg.HTTPClient)
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("limit", ls.limit), middleware.After)
	})
	return cfg, err
}

// transports holds an HTTP client for each dependency: each has its own attempt timeout
// and its own connections.
type transports struct {
	of    map[string]*awshttp.BuildableClient // by service id
	other *awshttp.BuildableClient
}

// transports derives the clients from the loaded one, which has the SDK's certificates.
func (ls limiters) transports(loaded aws.HTTPClient) aws.HTTPClient {
	base, ok := loaded.(*awshttp.BuildableClient)
	if !ok {
		return loaded
	}
	t := transports{of: map[string]*awshttp.BuildableClient{}, other: base}
	for service, l := range ls.of {
		t.of[service] = base.WithTimeout(l.policy.AttemptTimeout)
	}
	return t
}

// with returns copies of the clients with change applied to their transports.
func (t transports) with(change func(*http.Transport)) transports {
	changed := transports{of: map[string]*awshttp.BuildableClient{}, other: t.other.WithTransportOptions(change)}
	for service, c := range t.of {
		changed.of[service] = c.WithTransportOptions(change)
	}
	return changed
}

// Do implements aws.HTTPClient.
func (t transports) Do(r *http.Request) (*http.Response, error) {
	if c, known := t.of[serviceOf(r.Context())]; known {
		return c.Do(r)
	}
	return t.other.Do(r)
}

// Transport returns an HTTP client that keeps enough idle connections for a batch whose
// messages are handled concurrently. An attempt may take 5 s.
func Transport() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(5 * time.Second).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdleConns, maxIdleConns
		})
}
