package main

import "net/http"

// inFlight is how many requests the front passes on at once. The emulator answers as
// many a second with a few at work as with hundreds, each of which would wait longer.
const inFlight = 64

// shed answers at once what is over the bound, as API Gateway does on AWS when its
// stage is throttled: 429, and when to come back.
func shed(bound int, next http.Handler) http.Handler {
	slots := make(chan struct{}, bound)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("Content-Type", "application/problem+json")
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = w.Write([]byte(`{"type":"urn:invochain:problem:throttled","title":"Too Many Requests","status":429,"code":"throttled",` +
				`"detail":"refused before it reached the service","request_id":"-","retryable":true}`))
		}
	})
}
