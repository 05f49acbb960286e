// Package awsclient loads the AWS configuration that a function's clients share, with
// the policies of package resilience around every call.
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
	dialTimeout = time.Second
	idleConns   = 64
)

// Load reads the region, credentials and endpoint from the environment in the
// SDK's own way. Calls are made under o's policies; a context's deadline ends them
// earlier.
func Load(ctx context.Context, o Options) (aws.Config, error) {
	g := newLimiters(o)
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(Transport()))
	cfg.Retryer = func() aws.Retryer { return newRetryer(g) } // set by an option, it would hide AWS_MAX_ATTEMPTS
	cfg.HTTPClient = g.transports(cfg.HTTPClient)
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("guard", g.around), middleware.After)
	})
	return cfg, err
}

// transports is an HTTP client for each dependency: a hanging attempt ends when the
// dependency's policy says so, and one dependency's connections are not another's.
type transports struct {
	of    map[string]*awshttp.BuildableClient // by service
	other *awshttp.BuildableClient
}

// transports are made of the client that the SDK has given its certificates.
func (g limiters) transports(loaded aws.HTTPClient) aws.HTTPClient {
	base, ok := loaded.(*awshttp.BuildableClient)
	if !ok {
		return loaded
	}
	t := transports{of: map[string]*awshttp.BuildableClient{}, other: base}
	for service, guard := range g.of {
		t.of[service] = base.WithTimeout(guard.policy.Attempt)
	}
	return t
}

// with returns the same clients, their transports changed.
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

// Transport keeps enough idle connections for a batch handled side by side. An
// attempt may take 5 s.
func Transport() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(5 * time.Second).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = idleConns, idleConns
		})
}
