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

// meter stands before DynamoDB and counts what is asked of it, the same way for
// every peer, in whatever language it is written. Times are taken without it.
type meter struct {
	url string

	mu    sync.Mutex
	calls int
	units float64 // write units; a refused write states none
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
			askForUnits(r.Out)
		},
		ModifyResponse: m.count,
	}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return m, nil
}

// items carries the length of a transaction from its request to its answer.
const items = "X-Items"

func askForUnits(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var asked struct{ TransactItems []struct{} }
	if json.Unmarshal(body, &asked) == nil {
		r.Header.Set(items, strconv.Itoa(len(asked.TransactItems)))
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
		return nil // only a recovery looks around
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if operation != "GetItem" {
		n, _ := strconv.Atoi(r.Request.Header.Get(items))
		m.units += max(units(body), float64(2*n)) // DynamoDB Local leaves some of a transaction's units out
	}
	return nil
}

// units sums what an answer says it used: one table's, or a list of them.
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

// take returns the counts so far and begins anew.
func (m *meter) take() (calls int, units float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls, units = m.calls, m.units
	m.calls, m.units = 0, 0
	return calls, units
}
