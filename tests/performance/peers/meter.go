package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// meter is a proxy that counts calls and write units in front of DynamoDB, in the same
// way for peers of any language. Durations are measured without it.
type meter struct {
	url string

	mu    sync.Mutex
	calls int
	units float64 // write units; DynamoDB Local reports none for a failed condition
}

func startMeter(ctx context.Context, target string) (*meter, error) {
	to, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &meter{url: "http://" + l.Addr().String()}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			requestUnits(r.Out)
		},
		ModifyResponse: m.count,
	}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return m, nil
}

// items is the header that carries a transaction's number of items from the request to
// the response.
const items = "X-Items"

// requestUnits adds ReturnConsumedCapacity to a request.
func requestUnits(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var transaction struct{ TransactItems []struct{} }
	if json.Unmarshal(body, &transaction) == nil {
		r.Header.Set(items, strconv.Itoa(len(transaction.TransactItems)))
	}
	body = bytes.Replace(body, []byte("{"), []byte(`{"ReturnConsumedCapacity":"TOTAL",`), 1)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

func (m *meter) count(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	_, operation, _ := strings.Cut(r.Request.Header.Get("X-Amz-Target"), ".")
	if operation == "Query" {
		return nil // only recovery queries
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if operation != "GetItem" {
		n, _ := strconv.Atoi(r.Request.Header.Get(items))
		m.units += max(units(body), float64(2*n)) // DynamoDB Local omits some of a transaction's units
	}
	return nil
}

// units sums the consumed capacity in a response, which is an object or a list.
func units(body []byte) float64 {
	type capacity struct{ CapacityUnits float64 }
	var one struct{ ConsumedCapacity capacity }
	var list struct{ ConsumedCapacity []capacity }
	if json.Unmarshal(body, &one) == nil {
		return one.ConsumedCapacity.CapacityUnits
	}
	total := 0.0
	if json.Unmarshal(body, &list) == nil {
		for _, c := range list.ConsumedCapacity {
			total += c.CapacityUnits
		}
	}
	return total
}

// take returns the counts and resets them.
func (m *meter) take() (calls int, units float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls, units = m.calls, m.units
	m.calls, m.units = 0, 0
	return calls, units
}
