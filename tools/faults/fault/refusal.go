package fault

import (
	"fmt"
	"net/http"
)

// refusal is an error as a service answers it: all of these speak JSON, and name the
// error in the body's __type. SQS names it again in a header, for clients of its older
// protocol; Lambda does so in another one, and there alone.
type refusal struct {
	status               int
	kind, message        string
	header, headerNaming string
}

// refusals by service and code, as the API references describe them.
func refusals() map[string]map[string]refusal {
	const slower = "Rate exceeded"
	return map[string]map[string]refusal{
		DynamoDB: {
			"ThrottlingException": {status: http.StatusBadRequest, kind: "com.amazon.coral.availability#ThrottlingException", message: slower},
			"ProvisionedThroughputExceededException": {
				status: http.StatusBadRequest, kind: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
				message: "The level of configured provisioned throughput for the table was exceeded.",
			},
			"InternalServerError": {status: http.StatusInternalServerError, kind: "com.amazonaws.dynamodb.v20120810#InternalServerError", message: "Internal server error"},
		},
		SQS: {
			"RequestThrottled": {
				status: http.StatusForbidden, kind: "com.amazonaws.sqs#RequestThrottled", message: "The request was denied due to request throttling.",
				header: "X-Amzn-Query-Error", headerNaming: "RequestThrottled;Sender",
			},
			"ServiceUnavailable": {status: http.StatusServiceUnavailable, kind: "com.amazonaws.sqs#ServiceUnavailable", message: "Service unavailable"},
		},
		EventBridge: {
			"ThrottlingException": {status: http.StatusBadRequest, kind: "ThrottlingException", message: slower},
			"InternalException":   {status: http.StatusInternalServerError, kind: "InternalException", message: "Internal failure"},
		},
		States: {
			"ThrottlingException": {status: http.StatusBadRequest, kind: "com.amazon.coral.availability#ThrottlingException", message: slower},
		},
		Lambda: {
			"TooManyRequestsException": {
				status: http.StatusTooManyRequests, message: slower,
				header: "X-Amzn-Errortype", headerNaming: "TooManyRequestsException",
			},
		},
	}
}

func (r refusal) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if r.header != "" {
		w.Header().Set(r.header, r.headerNaming)
	}
	w.WriteHeader(r.status)
	_, _ = fmt.Fprintf(w, `{"__type":%q,"message":%q}`, r.kind, r.message)
}
