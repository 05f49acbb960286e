package httpapi

import (
	"maps"
	"net/http"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/strictjson"
)

// Response is what a handler returns. Body is sent unchanged, as JSON unless Header
// names another Content-Type.
type Response struct {
	Status int
	Header map[string]string
	Body   []byte
}

// JSON returns a response whose body is v as JSON.
func JSON(status int, v any) (Response, error) {
	body, err := strictjson.Marshal(v)
	return Response{Status: status, Body: body}, err
}

// event returns the response to a method as API Gateway expects it.
func (r Response) event(method, requestID string) lambdaevents.APIGatewayProxyResponse {
	header := map[string]string{
		"Content-Type":           "application/json",
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
		"X-Request-Id":           requestID,
	}
	maps.Copy(header, r.Header)
	if r.Status == http.StatusNotModified {
		delete(header, "Content-Type")
	}
	if method == http.MethodHead {
		r.Body = nil
	}
	return lambdaevents.APIGatewayProxyResponse{StatusCode: r.Status, Headers: header, Body: string(r.Body)}
}
