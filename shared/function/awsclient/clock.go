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

// Clock is this instance's clock, set by the tables' own: whatever instances write
// for each other to compare, they then write by one clock. Each answer of DynamoDB
// carries its Date, in whole seconds (RFC 9110, 6.6.1), so the true time lies within
// a second and the time that the call took. A clock that lies there too is left
// alone; any other is moved to the nearest end.
type Clock struct {
	local  func() time.Time
	mu     sync.Mutex
	offset time.Duration
}

// NewClock returns a Clock that shows local until it is told better.
func NewClock(local func() time.Time) *Clock { return &Clock{local: local} }

// Now is the tables' time, to within a second and the time of a call.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.local().Add(c.offset)
}

// Watch has the DynamoDB clients that are made from cfg afterwards set the clock.
func (c *Clock) Watch(cfg *aws.Config) {
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("clock", c.observe), middleware.After)
	})
}

// observe is around one attempt.
func (c *Clock) observe(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
	sent := c.local()
	out, metadata, err := next.HandleDeserialize(ctx, in)
	if r, ok := out.RawResponse.(*smithyhttp.Response); ok && serviceOf(ctx) == "DynamoDB" {
		if date, err := http.ParseTime(r.Header.Get("Date")); err == nil {
			c.adjust(sent, date, c.local())
		}
	}
	return out, metadata, err
}

// adjust moves the clock so that date was shown between sent and received.
func (c *Clock) adjust(sent, date, received time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	least, most := date.Sub(received), date.Add(time.Second).Sub(sent)
	c.offset = min(max(c.offset, least), most)
}
