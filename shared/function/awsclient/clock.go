package awsclient

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Clock is this instance's clock, corrected by DynamoDB's, so that the times which
// instances write for each other to compare come from one clock. Each response of
// DynamoDB carries its Date in whole seconds (RFC 9110, 6.6.1): the true time is within a
// second plus the duration of the call. A local clock within that range is not changed;
// any other is moved to the nearest end of it.
type Clock struct {
	local  func() time.Time
	mu     sync.Mutex
	offset time.Duration
}

// NewClock returns a Clock that shows local until a response corrects it.
func NewClock(local func() time.Time) *Clock { return &Clock{local: local} }

// Now returns DynamoDB's time, to within a second plus the duration of a call.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.local().Add(c.offset)
}

// Watch makes the DynamoDB clients that are created from cfg afterwards correct the clock.
func (c *Clock) Watch(cfg *aws.Config) {
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("clock", c.observe), middleware.After)
	})
}

// observe is a middleware around one attempt.
func (c *Clock) observe(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	sent := c.local()
	out, metadata, err := next.HandleDeserialize(ctx, in)
	if r, ok := out.RawResponse.(*smithyhttp.Response); ok && serviceOf(ctx) == "DynamoDB" {
		if date, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			c.adjust(sent, date, c.local())
		}
	}
	return out, metadata, err
}

// adjust moves the clock so that it showed date between sent and received.
func (c *Clock) adjust(sent, date, received time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	least, most := date.Sub(received), date.Add(time.Second).Sub(sent)
	c.offset = min(max(c.offset, least), most)
}
