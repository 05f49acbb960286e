package limit

import (
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/problem"
)

// Header returns the header fields of draft-ietf-httpapi-ratelimit-headers-11, each a list of one
// structured field (RFC 9651):
//
//	RateLimit-Policy: "merchant";q=50;w=1    over time, 50 requests in a second
//	RateLimit: "merchant";r=80;t=2           80 requests are left
//
// t is the seconds, at least 1, in which a client that keeps the rate sends r requests. Of a refused
// request, r is 0 and t is Retry-After.
func (d Decision) Header() map[string]string {
	t := d.retrySeconds()
	if d.Allowed {
		t = max(1, ceil(d.Remaining, d.Policy.Rate.PerSecond))
	}
	return map[string]string{
		"RateLimit-Policy": fmt.Sprintf("%q;q=%d;w=1", d.Policy.Name, d.Policy.Rate.PerSecond),
		"RateLimit":        fmt.Sprintf("%q;r=%d;t=%d", d.Policy.Name, d.Remaining, t),
	}
}

// Problem returns the problem of a refused request, with the member `violated-policies` of the
// draft's section 5.1; nil of one that is allowed. Its Retry-After, in whole seconds, is the t of
// Header, as the draft's section 6 wants.
func (d Decision) Problem() error {
	if d.Allowed {
		return nil
	}
	seconds := d.retrySeconds()
	return &problem.Error{
		Kind: problem.Unavailable, Code: "quota_exceeded", Status: http.StatusTooManyRequests,
		Message: fmt.Sprintf("the %s exceeds its limit of %d requests a second; send the same request again after %d s",
			d.Policy.Name, d.Policy.Rate.PerSecond, seconds),
		Extensions: map[string]any{"violated-policies": []string{d.Policy.Name}},
		Retryable:  true, RetryAfter: time.Duration(seconds) * time.Second, Header: d.Header(),
	}
}

// retrySeconds returns RetryAfter in seconds, rounded up.
func (d Decision) retrySeconds() int { return int(math.Ceil(d.RetryAfter.Seconds())) }

func ceil(n, by int) int { return (n + by - 1) / by }
