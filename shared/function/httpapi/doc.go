// Package httpapi is the edge between API Gateway's proxy events and handlers: a
// router, strict bodies, and failures as problem documents (RFC 9457) that say
// what is wrong and whether a retry is safe. No internal text passes it.
package httpapi
