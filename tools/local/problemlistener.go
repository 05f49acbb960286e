package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
)

// problemListener accepts connections on which the refusals of net/http itself are problem
// documents: it answers a request that it cannot read with a text, and no handler sees it.
type problemListener struct{ net.Listener }

// Accept returns the next connection.
func (l problemListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return problemConn{tcp}, err
	}
	return c, err
}

type problemConn struct{ *net.TCPConn }

// serverRefusal matches what net/http writes, in one call, to a connection that it is about to
// close. The answer of a handler has a Date.
var serverRefusal = regexp.MustCompile(`^HTTP/1\.1 ([45]\d\d) [^\r\n]*\r\n` +
	`Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n(.*)$`)

// Write sends b, or a problem document if b is a refusal of net/http itself.
func (c problemConn) Write(b []byte) (int, error) {
	refusal := serverRefusal.FindSubmatch(b)
	if refusal == nil {
		return c.TCPConn.Write(b)
	}
	status, err := strconv.Atoi(string(refusal[1]))
	if err != nil {
		return 0, err
	}
	return len(b), writeRefusal(c.TCPConn, status, string(refusal[2]))
}

func writeRefusal(w io.Writer, status int, text string) error {
	text = strings.TrimPrefix(text, strconv.Itoa(status)+" ")
	answer := httpapi.Problem(refusal(status, "the request cannot be read: "+text), "-")
	header := http.Header{}
	for name, value := range answer.Header {
		header.Set(name, value)
	}
	return (&http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Close: true, Header: header,
		ContentLength: int64(len(answer.Body)), Body: io.NopCloser(bytes.NewReader(answer.Body)),
	}).Write(w)
}

// refusal returns the error of a request that the gateway does not pass on.
func refusal(status int, detail string) *problem.Error {
	return &problem.Error{Kind: problem.Invalid, Status: status, Code: "refused_by_gateway", Message: detail}
}
