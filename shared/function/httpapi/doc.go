// Package httpapi serves an HTTP API with net/http behind API Gateway's proxy events: routes
// with a scope each, strict queries and bodies, and failures as problem documents (RFC 9457),
// which name what is wrong and whether a retry is safe. Internal error texts never reach the
// caller.
//
// A Router makes an http.Handler, which Invoke calls with an event of API Gateway, and which a
// test or a local program can serve itself.
package httpapi
