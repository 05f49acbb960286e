package stack

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/inventory"
)

// Reply of the API.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	Took   time.Duration
}

// Field reads a member of a JSON object, for assertions; empty if absent.
func (r Reply) Field(name string) string {
	var object map[string]any
	if json.Unmarshal(r.Body, &object) != nil || object[name] == nil {
		return ""
	}
	return fmt.Sprint(object[name])
}

// NewKey is a fresh idempotency key: a random UUID.
func NewKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Call sends a request; header is given as name, value, name, value.
func (s *Stack) Call(ctx context.Context, method, path string, body []byte, header ...string) (Reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	began := time.Now()
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return Reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: answer, Took: time.Since(began)}, err
}

// Create posts an invoice request under a key.
func (s *Stack) Create(ctx context.Context, key string, body []byte) (Reply, error) {
	return s.Call(ctx, http.MethodPost, "/invoices", body, "Content-Type", "application/json", "Idempotency-Key", key)
}

// Get reads a path into v, and fails for any status but 200.
func (s *Stack) Get(ctx context.Context, path string, v any) error {
	r, err := s.Call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if r.Status != http.StatusOK {
		return fmt.Errorf("GET %s: %d %s", path, r.Status, r.Body)
	}
	return json.Unmarshal(r.Body, v)
}

// Put writes v as JSON.
func (s *Stack) Put(ctx context.Context, path string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	r, err := s.Call(ctx, http.MethodPut, path, body, "Content-Type", "application/json")
	if err == nil && r.Status != http.StatusOK {
		err = fmt.Errorf("PUT %s: %d %s", path, r.Status, r.Body)
	}
	return err
}

// Stock reads what there is of a SKU.
func (s *Stack) Stock(ctx context.Context, merchantID, sku string) (inventory.Level, error) {
	var level inventory.Level
	err := s.Get(ctx, "/inventory/"+sku+"?merchant_id="+merchantID, &level)
	return level, err
}

// State of a saga.
func (s *Stack) State(ctx context.Context, sagaID string) (string, error) {
	var t struct {
		State string `json:"state"`
	}
	err := s.Get(ctx, "/sagas/"+sagaID, &t)
	return t.State, err
}

// Await asks until it is told yes, or until limit.
func Await(ctx context.Context, limit time.Duration, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		yes, err := ask()
		if yes {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %s (last error: %w)", limit, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Every does something at each period's end, until ctx ends; late ones are left out.
func Every(ctx context.Context, period time.Duration, do func()) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}
