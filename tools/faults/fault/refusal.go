package fault

import (
	"fmt"
	"net/http"
)

// refusal is an error response of a service. The body is JSON with the error's name in
// __type. SQS repeats the name in a header for clients of its older protocol. Lambda has the
// name only in a header.
type refusal struct {
	status              int
	kind, message       string
	header, headerValue string
}

// refusals returns the refusals by service and code, as in the API references.
func refusals() map[string]map[string]refusal {
	const rateExceeded = "Rate exceeded"
	coralThrottling := refusal{
		status: http.StatusBadRequest, kind: "com.amazon.coral.availability#ThrottlingException", message: rateExceeded,
	}
	return map[string]map[string]refusal{
		DynamoDB: {
			"ThrottlingException": coralThrottling,
			"ProvisionedThroughputExceededException": {
				status: http.StatusBadRequest, kind: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
				message: "The level of configured provisioned throughput for the table was exceeded.",
			},
			"InternalServerError": {
				status: http.StatusInternalServerError, kind: "com.amazonaws.dynamodb.v20120810#InternalServerError",
				message: "Internal server error",
			},
		},
		SQS: {
			"RequestThrottled": {
				status: http.StatusForbidden, kind: "com.amazonaws.sqs#RequestThrottled",
				message: "The request was denied due to request throttling.",
				header:  "X-Amzn-Query-Error", headerValue: "RequestThrottled;Sender",
			},
			"ServiceUnavailable": {
				status: http.StatusServiceUnavailable, kind: "com.amazonaws.sqs#ServiceUnavailable",
				message: "Service unavailable",
			},
		},
		EventBridge: {
			"ThrottlingException": {status: http.StatusBadRequest, kind: "ThrottlingException", message: rateExceeded},
			"InternalException": {
				status: http.StatusInternalServerError, kind: "InternalException", message: "Internal failure",
			},
		},
		States: {
			"ThrottlingException": coralThrottling,
		},
		Lambda: {
			"TooManyRequestsException": {
				status: http.StatusTooManyRequests, message: rateExceeded,
				header: "X-Amzn-Errortype", headerValue: "TooManyRequestsException",
			},
		},
	}
}

func (r refusal) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if r.header != "" {
		w.Header().Set(r.header, r.headerValue)
	}
	w.WriteHeader(r.status)
	_, _ = fmt.Fprintf(w, `{"__type":%q,"message":%q}`, r.kind, r.message)
}
