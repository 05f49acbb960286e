package main

import (
	"fmt"
	"net/http"
	"strings"
)

// raw is a request as bytes, and what the gateway does with it.
type raw struct {
	send    string
	status  int
	detail  string // part of the detail of the problem document; empty for an answer of the API
	reached string // requests that reached the emulator, as `METHOD URI length`
}

const (
	host = "Host: localhost:3002\r\nConnection: close\r\n"
	te   = "Transfer-Encoding: "
)

func get(target string) string { return "GET " + target + " HTTP/1.1\r\n" + host + "\r\n" }

func field(line string) string { return "GET / HTTP/1.1\r\n" + host + line + "\r\n\r\n" }

// post returns a request whose header and body follow each other.
func post(header, body string) string {
	return "POST /invoices HTTP/1.1\r\n" + host + "Content-Type: application/json\r\n" + header + "\r\n" + body
}

func sized(body string) string { return post(fmt.Sprintf("Content-Length: %d\r\n", len(body)), body) }

func chunked(chunks string) string { return post(te+"chunked\r\n", chunks) }

func passed(send, reached string) raw {
	return raw{send: send, status: http.StatusOK, reached: reached}
}

func refused(send string, status int, detail string) raw {
	return raw{send: send, status: status, detail: detail}
}

// rawRequests are hostile and ambiguous requests. What the functions do with those that are
// passed on is in tests/integration.
func rawRequests() map[string]raw {
	const cannotRead = "the request cannot be read: "
	bothLengths := post("Content-Length: 99\r\n"+te+"chunked\r\n", "1\r\n{\r\n0\r\n\r\n")
	million := strings.Repeat(" ", 1_200_000)
	brackets, keys := strings.Repeat("[", 100_000), "{"+strings.Repeat(`"a":1,`, 20_000)+`"a":1}`
	return map[string]raw{
		"a path":                     passed(get("/health"), "GET /health 0"),
		"traversal":                  passed(get("/../../_ministack/health"), "GET /../../_ministack/health 0"),
		"traversal, encoded":         passed(get("/%2e%2e/%2e%2e/x"), "GET /%2e%2e/%2e%2e/x 0"),
		"traversal, encoded slash":   passed(get("/..%2f..%2fx"), "GET /..%2f..%2fx 0"),
		"traversal, encoded twice":   passed(get("/%252e%252e/x"), "GET /%252e%252e/x 0"),
		"traversal, backslash":       passed(get(`/..\..\x`), "GET /..%5C..%5Cx 0"),
		"traversal, path parameter":  passed(get("/..;/..;/x"), "GET /..;/..;/x 0"),
		"traversal, overlong UTF-8":  passed(get("/%c0%ae%c0%ae/x"), "GET /%c0%ae%c0%ae/x 0"),
		"double slash":               passed(get("//_ministack/health"), "GET //_ministack/health 0"),
		"absolute form":              passed(get("http://localhost/health"), "GET /health 0"),
		"absolute form, other host":  refused(get("http://127.0.0.2:4566/health"), 421, "127.0.0.2:4566"),
		"target *":                   refused("OPTIONS * HTTP/1.1\r\n"+host+"\r\n", 400, "begins with a slash"),
		"authority form":             refused("CONNECT localhost:1 HTTP/1.1\r\n"+host+"\r\n", 405, "CONNECT"),
		"bad escape in the path":     refused(get("/invoices/%zz"), 400, cannotRead),
		"bad escape in the query":    refused(get("/invoices?merchant_id=m&status=%zz"), 400, "query"),
		"semicolon in the query":     refused(get("/invoices?merchant_id=m;status=x"), 400, "query"),
		"encoded NUL":                passed(get("/invoices/%00"), "GET /invoices/%00 0"),
		"NUL in the path":            refused(get("/invoices/\x00"), 400, cannotRead),
		"NUL in a header":            refused(field("X-A: b\x00c"), 400, cannotRead),
		"header of 40 KB":            refused(field("X-A: "+million[:40_000]+"x"), 431, cannotRead),
		"space before the colon":     refused(field("X-A : b"), 400, "invalid header name"),
		"no Host":                    refused("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "missing required Host"),
		"two Hosts":                  refused(field("Host: localhost"), 400, cannotRead),
		"unknown method":             refused("BREW /invoices HTTP/1.1\r\n"+host+"\r\n", 405, "BREW"),
		"method in small letters":    refused("get /invoices HTTP/1.1\r\n"+host+"\r\n", 405, "get"),
		"TRACE":                      refused("TRACE /invoices HTTP/1.1\r\n"+host+"\r\n", 405, "TRACE"),
		"HTTP/1.0":                   passed("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n", "GET /health 0"),
		"HTTP/1.0 without a Host":    refused("GET /health HTTP/1.0\r\n\r\n", 421, "Host"),
		"HTTP/2.0":                   refused("GET / HTTP/2.0\r\n"+host+"\r\n", 505, "unsupported protocol version"),
		"HTTP/2's preface":           refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 421, "Host"),
		"HTTP/0.9":                   refused("GET /health\r\n\r\n", 400, cannotRead),
		"two equal lengths":          passed(post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), "POST /invoices 2"),
		"two lengths":                refused(post("Content-Length: 2\r\nContent-Length: 5\r\n", "{}abc"), 400, cannotRead),
		"length with a sign":         refused(post("Content-Length: +2\r\n", "{}"), 400, cannotRead),
		"length and chunked":         passed(bothLengths, "POST /invoices 1"),
		"unknown transfer encoding":  refused(post(te+"xchunked\r\nContent-Length: 2\r\n", "{}"), 501, "transfer encoding"),
		"two transfer encodings":     refused(post(te+"gzip, chunked\r\n", ""), 501, "transfer encoding"),
		"chunked":                    passed(chunked("2\r\n{}\r\n0\r\nX-Trailer: x\r\n\r\n"), "POST /invoices 2"),
		"chunk without a size":       refused(chunked("zz\r\n{}\r\n0\r\n\r\n"), 400, "malformed"),
		"chunk longer than its size": refused(chunked("1\r\n{}\r\n0\r\n\r\n"), 400, "malformed"),
		"chunk of a huge size":       refused(chunked("ffffffffffffffff1\r\n{}\r\n0\r\n\r\n"), 400, "malformed"),
		"chunks of 1.2 MB":           passed(chunked("124f80\r\n"+million+"\r\n0\r\n\r\n"), "POST /invoices 1200000"),
		"100,000 brackets":           passed(sized(brackets), "POST /invoices 100000"),
		"20,000 keys":                passed(sized(keys), "POST /invoices 120007"),
		"body of 11 MB":              refused(sized(strings.Repeat(" ", 11_000_000)), 413, "10485760 bytes"),
		"body that ends early":       refused(post("Content-Length: 100\r\n", "{"), 400, "ended early"),
		"chunks that end early":      refused(chunked("2\r\n{}\r\n"), 400, "ended early"),
	}
}
