package main

import "net/http"

// places are how many requests the front holds, at work or waiting for their turn: a
// hundred clients at once are welcome.
const places = 128

// shed lets passing requests through at once and has waiting others wait for their
// turn. What is over both it answers at once, as API Gateway does on AWS when its stage
// is throttled: 429, and when to come back.
func shed(passing, waiting int, next http.Handler) http.Handler {
	places, turns := make(chan struct{}, passing+waiting), make(chan struct{}, passing)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		default:
			throttled(w)
			return
		}
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

func throttled(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = w.Write([]byte(`{"type":"urn:invochain:problem:throttled","title":"Too Many Requests","status":429,"code":"throttled",` +
		`"detail":"refused before it reached the service","request_id":"-","retryable":true}`))
}
