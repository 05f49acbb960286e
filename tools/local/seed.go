package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/invochain/invochain/tools/process"
)

const demoMerchant = "merchant-123"

// seed creates the demo merchant and twelve SKUs with stock through the API. A SKU that
// exists keeps its stock.
func (s *stack) seed(ctx context.Context) error {
	env, err := readEnv(s.file("stack.env"))
	if err != nil {
		return err
	}
	api := env["API_URL"]
	err = put(ctx, api+"/merchants/"+demoMerchant, map[string]any{
		"name": "Demo Traders", "gstin": "27AABCU9603R1ZN",
		"address": "12 Market Road, Pune 411001", "compliance": "advise",
	})
	if err != nil {
		return err
	}
	for n := range 12 {
		sku := fmt.Sprintf("%s/inventory/SKU-%03d", api, n+1)
		if body, err := process.Get(ctx, sku+"?merchant_id="+demoMerchant); err == nil && strings.Contains(body, "on_hand") {
			continue
		}
		if err := put(ctx, sku, map[string]any{"merchant_id": demoMerchant, "on_hand": 1000}); err != nil {
			return err
		}
	}
	return nil
}

func put(ctx context.Context, url string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("PUT %s answered %s: %s", url, resp.Status, answer)
	}
	return nil
}
