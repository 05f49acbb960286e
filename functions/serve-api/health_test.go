package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/tests/contract"
)

// fixture holds the error of each dependency, which may be errHangs.
type fixture struct {
	platform, invoicesTable, queue error
	state                          string
}

var errHangs = errors.New("hangs")

func absent() error { return &problem.Error{Kind: problem.NotFound, Code: "merchant_not_found"} }

func answer(ctx context.Context, err error) error {
	if errors.Is(err, errHangs) {
		<-ctx.Done()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

type table struct {
	merchants
	err error
}

func (t table) Get(ctx context.Context, _ string) (merchant.Profile, error) {
	return merchant.Profile{}, answer(ctx, t.err)
}

type documents struct {
	invoices
	err error
}

func (d documents) Load(ctx context.Context, _ string) (gst.Invoice, error) {
	return gst.Invoice{}, answer(ctx, d.err)
}

type depth struct{ err error }

func (d depth) GetQueueAttributes(
	ctx context.Context,
	_ *sqs.GetQueueAttributesInput,
	_ ...func(*sqs.Options),
) (*sqs.GetQueueAttributesOutput, error) {
	return &sqs.GetQueueAttributesOutput{}, answer(ctx, d.err)
}

type inventoryState string

func (s inventoryState) State(context.Context) breaker.Snapshot {
	return breaker.Snapshot{State: string(s)}
}

func (s fixture) handler() handler {
	return handler{
		merchants: table{err: s.platform}, invoices: documents{err: s.invoicesTable}, queues: depth{s.queue},
		needed: []queue{{"requests_queue", "a"}, {"audit_queue", "b"}}, breaker: inventoryState(s.state),
		now: func() time.Time { return time.Unix(0, 0) }, log: slog.New(slog.DiscardHandler),
	}
}

// TestReadyNamesTheFailedDependency: but not how it fails.
func TestReadyNamesTheFailedDependency(t *testing.T) {
	throttled := &problem.Error{Kind: problem.Unavailable, Code: "temporarily_unavailable"}
	secret := errors.New("dial tcp 10.1.2.3: arn:aws:sqs:secret")
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		deps   fixture
		status int
		answer string
		failed []string
	}{
		"all respond": {
			fixture{platform: absent(), invoicesTable: absent()},
			200, "ok", nil,
		},
		"no platform table": {
			fixture{platform: secret, invoicesTable: absent()},
			503, "not_ready",
			[]string{"platform_table"},
		},
		"the platform is throttled": {
			fixture{platform: throttled, invoicesTable: absent()},
			503, "not_ready",
			[]string{"platform_table"},
		},
		"no queues": {
			fixture{platform: absent(), invoicesTable: absent(), queue: secret},
			503, "not_ready",
			[]string{"requests_queue", "audit_queue"},
		},
		"only invoices hang": {
			fixture{platform: absent(), invoicesTable: errHangs},
			503, "not_ready",
			[]string{"invoices_table"},
		},
		"the breaker is open": {
			fixture{platform: absent(), invoicesTable: absent(), state: breaker.Open},
			200, "degraded",
			[]string{"inventory"},
		},
		"and a table fails": {
			fixture{platform: absent(), invoicesTable: secret, state: breaker.Open},
			503, "not_ready",
			[]string{"invoices_table", "inventory"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				event := lambdaevents.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Path: "/health/ready"}
				event.RequestContext.RequestID = "request-1"
				r := httpapi.Invoke(t.Context(), tc.deps.handler().router().Handler(), event)
				require.Equal(t, tc.status, r.StatusCode, r.Body)
				require.NotContains(t, r.Body, "secret")
				var body struct {
					Status any
					Code   string
					Checks []check
				}
				require.NoError(t, json.Unmarshal([]byte(r.Body), &body))
				require.Contains(t, []any{body.Status, body.Code}, any(tc.answer))
				var failed []string
				for _, c := range body.Checks {
					if !c.OK {
						failed = append(failed, c.Name)
					}
				}
				require.Len(t, body.Checks, 5)
				require.Equal(t, tc.failed, failed)
				header := http.Header{"Content-Type": {r.Headers["Content-Type"]}}
				require.NoError(t, doc.Check(t.Context(), http.MethodGet, "/health/ready", r.StatusCode, header, []byte(r.Body)))
			})
		})
	}
}
