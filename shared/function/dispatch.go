package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/strictjson"
)

// Dispatch holds a function's handlers by the shape of the event: a request of API
// Gateway, a batch of SQS, or a direct invocation. A function leaves out the shapes that
// it is not deployed behind.
type Dispatch struct {
	HTTP   http.Handler
	Queue  func(context.Context, lambdaevents.SQSEvent) (lambdaevents.SQSEventResponse, error)
	Invoke func(context.Context, json.RawMessage) (any, error)
}

// Input adapts a handler of a typed payload to Dispatch.to.Invoke.
func Input[T any](handle func(context.Context, T) (any, error)) func(context.Context, json.RawMessage) (any, error) {
	return func(ctx context.Context, payload json.RawMessage) (any, error) {
		var in T
		if err := json.Unmarshal(payload, &in); err != nil {
			return nil, Failure(fmt.Errorf("decode the payload: %w", err))
		}
		return handle(ctx, in)
	}
}

// Start serves invocations and does not return. Lambda tells a process before it ends it, if the process
// asks for that, so that it can send its last records. The emulators have no such request.
func (rt Runtime) Start(d Dispatch) {
	var options []lambda.Option
	if rt.onLambda {
		options = append(options, lambda.WithEnableSIGTERM(func() {
			_ = rt.recorder.Flush(context.Background())
			os.Exit(0)
		}))
	}
	lambda.StartWithOptions(rt.Handler(d), options...)
}

// Handler returns what Start serves with.
func (rt Runtime) Handler(d Dispatch) lambda.Handler { return handler{rt, d} }

type handler struct {
	rt Runtime
	to Dispatch
}

// event is the union of the shapes of an event.
type event struct {
	lambdaevents.APIGatewayProxyRequest
	lambdaevents.SQSEvent
	TraceParent string `json:"traceparent"`
}

var (
	errPanic = errors.New("the handler panicked")
	errShape = errors.New("this function does not serve this shape of event")
)

// Invoke implements lambda.Handler. Telemetry is sent before the answer is returned, also when the
// handler panics: afterwards the process may be frozen, or gone.
func (h handler) Invoke(ctx context.Context, payload []byte) (answer []byte, err error) {
	var e event
	decodeErr := json.Unmarshal(payload, &e)
	ctx, end := h.rt.recorder.Invocation(ctx, telemetry.Incoming{
		HTTPMethod: e.HTTPMethod, Headers: e.Headers, TraceParent: e.TraceParent, Records: e.Records,
	})
	returned, answered500 := false, false
	defer func() {
		if !returned {
			err = errPanic
		}
		end(err)
		if err := h.rt.recorder.EndInvocation(ctx, err != nil || answered500); err != nil {
			h.rt.Log.WarnContext(ctx, "telemetry lost", slog.String("error", err.Error()))
		}
	}()
	if decodeErr != nil {
		err = Failure(fmt.Errorf("decode the event: %w", decodeErr))
	} else {
		answer, answered500, err = h.serve(ctx, e, payload)
	}
	returned = true
	return answer, err
}

// serve dispatches an event by its shape and encodes the result.
func (h handler) serve(
	ctx context.Context, e event, payload json.RawMessage,
) (answer []byte, answered500 bool, err error) {
	var result any
	switch {
	case e.HTTPMethod != "" && h.to.HTTP != nil:
		response := httpapi.Invoke(ctx, h.to.HTTP, e.APIGatewayProxyRequest)
		result, answered500 = response, response.StatusCode == http.StatusInternalServerError
	case e.Records != nil && h.to.Queue != nil:
		result, err = h.to.Queue(ctx, e.SQSEvent)
	case h.to.Invoke != nil:
		result, err = h.to.Invoke(ctx, payload)
	default:
		err = Failure(errShape)
	}
	if err != nil {
		return nil, false, err
	}
	answer, err = strictjson.Marshal(result)
	return answer, answered500, err
}
