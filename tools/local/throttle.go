package main

import (
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/problem"
)

// maxRequests is how many requests the gateway accepts at a time, in progress or queued. It
// allows for a hundred concurrent clients.
const maxRequests = 128

// throttle passes on at most maxConcurrent requests concurrently and queues at most
// maxQueued. It rejects further requests with 429 and Retry-After, as API Gateway does on
// AWS when its stage is throttled.
func throttle(maxConcurrent, maxQueued int, next http.Handler) http.Handler {
	accepted, slots := make(chan struct{}, maxConcurrent+maxQueued), make(chan struct{}, maxConcurrent)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case accepted <- struct{}{}:
			defer func() { <-accepted }()
		default:
			writeProblem(w, &problem.Error{
				Kind: problem.Unavailable, Status: http.StatusTooManyRequests, Code: "throttled",
				Message: "too many requests", Retryable: true, RetryAfter: time.Second,
			})
			return
		}
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}
