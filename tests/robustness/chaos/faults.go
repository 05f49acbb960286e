package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/invochain/invochain/tools/faults/fault"
)

// faults is a client of the proxy between the functions and AWS.
type faults struct{ url string }

// during applies rules until ctx ends and returns how many calls they affected.
func (f faults) during(ctx context.Context, rules []fault.Rule) (affected int, err error) {
	before, err := f.total(ctx)
	if err != nil {
		return 0, err
	}
	after := context.WithoutCancel(ctx)
	defer func() { err = errors.Join(err, f.set(after, []fault.Rule{})) }()
	if err := f.set(ctx, rules); err != nil {
		return 0, err
	}
	<-ctx.Done()
	now, err := f.total(after)
	return now - before, err
}

func (f faults) set(ctx context.Context, rules []fault.Rule) error {
	body, err := json.Marshal(rules)
	if err != nil {
		return err
	}
	_, err = f.send(ctx, http.MethodPut, body)
	return err
}

// total returns the number of calls affected since the proxy started.
func (f faults) total(ctx context.Context) (int, error) {
	body, err := f.send(ctx, http.MethodGet, nil)
	if err != nil {
		return 0, err
	}
	counts := map[string]int{}
	err = json.Unmarshal(body, &counts)
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum, err
}

func (f faults) send(ctx context.Context, method string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, f.url+fault.AdminPath, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("call the fault proxy: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("fault proxy: %s: %s", resp.Status, answer)
	}
	return answer, err
}
