package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/invochain/invochain/shared/caller"
)

const demoMerchant = "merchant-123"

// seed creates the demo merchant as operator, and as its admin twelve SKUs with stock, through the
// API. A SKU that exists keeps its stock.
func (s *stack) seed(ctx context.Context) error {
	env, err := readEnv(s.file("stack.env"))
	if err != nil {
		return err
	}
	clients, err := s.readClients()
	if err != nil {
		return err
	}
	api := env["API_URL"]
	operator, err := fetchToken(ctx, api, clients.of(caller.Operator))
	if err != nil {
		return err
	}
	if err := operator.put(ctx, api+"/merchants/"+demoMerchant, demoProfile()); err != nil {
		return err
	}
	admin, err := fetchToken(ctx, api, clients.of(demoAdminRole))
	if err != nil {
		return err
	}
	return admin.seedStock(ctx, api+"/inventory/")
}

func demoProfile() map[string]any {
	return map[string]any{
		"name": "Demo Traders", "gstin": "27AABCU9603R1ZN",
		"address": "12 Market Road, Pune 411001", "compliance": "advise",
	}
}

func (t accessToken) seedStock(ctx context.Context, inventory string) error {
	for n := range 12 {
		sku := fmt.Sprintf("%sSKU-%03d", inventory, n+1)
		status, answer, err := t.call(ctx, http.MethodGet, sku+"?merchant_id="+demoMerchant, nil)
		if err != nil {
			return err
		}
		switch status {
		case http.StatusOK:
			continue
		case http.StatusNotFound:
			err = t.put(ctx, sku, map[string]any{"merchant_id": demoMerchant, "on_hand": 1000})
		default:
			err = fmt.Errorf("GET %s answered %d: %s", sku, status, answer)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t accessToken) put(ctx context.Context, url string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	status, answer, err := t.call(ctx, http.MethodPut, url, body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("PUT %s answered %d: %s", url, status, answer)
	}
	return err
}

// call sends a request with the token and returns the answer.
func (t accessToken) call(ctx context.Context, method, url string, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", bearer(t.text))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}
