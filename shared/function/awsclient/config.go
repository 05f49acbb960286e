// Package awsclient loads the AWS configuration that a function's clients share. Calls of
// these clients are made under the policies of package resilience.
package awsclient

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// Limits of a connection.
const (
	dialTimeout  = time.Second
	maxIdleConns = 64
)

// Load returns a configuration whose clients call under the policies of o. A deadline of a
// call's context ends the call earlier.
//
// Region, credentials, endpoints and AWS_MAX_ATTEMPTS are read from the environment, where
// Lambda puts them, and from nowhere else: config.LoadDefaultConfig would link the clients
// of SSO and STS into every function, 1.6 MB that none of them uses.
func Load(o Options) (aws.Config, error) {
	env, err := config.NewEnvConfig()
	if err != nil {
		return aws.Config{}, err
	}
	ls := newLimiters(o)
	keys := env.Credentials
	cfg := aws.Config{
		Region:           env.Region,
		Credentials:      credentials.NewStaticCredentialsProvider(keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken),
		RetryMaxAttempts: env.RetryMaxAttempts,
		Retryer:          func() aws.Retryer { return newRetryer(ls) },
		HTTPClient:       ls.transports(),
		ConfigSources:    []any{env},
		APIOptions: []func(*middleware.Stack) error{func(s *middleware.Stack) error {
			return s.Initialize.Add(middleware.InitializeMiddlewareFunc("limit", ls.limit), middleware.After)
		}},
	}
	if env.BaseEndpoint != "" {
		cfg.BaseEndpoint = &env.BaseEndpoint
	}
	return cfg, nil
}

// transports holds an HTTP client for each dependency: each has its own attempt timeout
// and its own connections.
type transports struct {
	of    map[string]*awshttp.BuildableClient // by service id
	other *awshttp.BuildableClient
}

func (ls limiters) transports() transports {
	t := transports{of: map[string]*awshttp.BuildableClient{}, other: Transport()}
	for service, l := range ls.of {
		t.of[service] = t.other.WithTimeout(l.policy.AttemptTimeout)
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

// Do implements aws.HTTPClient. It sends plain HTTP to this machine alone, where emulators
// listen. It sends no request whose context's deadline has passed: a process that was paused
// until then may not have noticed it yet. The request is signed by now, so AWS, which refuses old
// signatures, takes none that is older than the deadline and that age.
func (t transports) Do(r *http.Request) (*http.Response, error) {
	if deadline, ok := r.Context().Deadline(); ok && time.Until(deadline.Round(0)) <= 0 {
		return nil, &smithy.CanceledError{Err: context.DeadlineExceeded}
	}
	if host := r.URL.Hostname(); r.URL.Scheme != "https" && !loopback(host) {
		return nil, fmt.Errorf("request to %s not sent by plain HTTP", host)
	}
	if c, known := t.of[serviceOf(r.Context())]; known {
		return c.Do(r)
	}
	return t.other.Do(r)
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// Transport returns an HTTP client that keeps enough idle connections for a batch whose
// messages are handled concurrently. An attempt may take 5 s. It speaks TLS 1.3 alone.
func Transport() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithTimeout(5 * time.Second).
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdleConns, maxIdleConns
			t.TLSClientConfig.MinVersion = tls.VersionTLS13
		})
}
