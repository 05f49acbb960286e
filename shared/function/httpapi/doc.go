// Package httpapi connects handlers to API Gateway's proxy events: a router, strict request
// bodies, and failures as problem documents (RFC 9457), which name what is wrong and whether
// a retry is safe. Internal error texts never reach the caller.
package httpapi
