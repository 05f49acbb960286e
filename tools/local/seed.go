package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
)

const demoMerchant = "merchant-123"

// seed creates the demo merchant, as the operator, and twelve SKUs with stock, as the merchant's
// admin, through the API. A SKU that exists keeps its stock.
func (s *stack) seed(ctx context.Context) error {
	env, err := readEnv(s.file("stack.env"))
	if err != nil {
		return err
	}
	api := client.New(env["API_URL"], 1, time.Minute)
	operator := api.WithCredentials(env[deployment.OperatorClientID], env[deployment.OperatorClientSecret])
	err = operator.Put(ctx, "/merchants/"+demoMerchant, map[string]any{
		"name": "Demo Traders", "gstin": "27AABCU9603R1ZN",
		"address": "12 Market Road, Pune 411001", "compliance": "advise",
	})
	if err != nil {
		return err
	}
	admin := api.WithCredentials(env[deployment.ClientID], env[deployment.ClientSecret])
	for n := range 12 {
		sku := fmt.Sprintf("/inventory/SKU-%03d", n+1)
		r, err := admin.Call(ctx, http.MethodGet, sku+"?merchant_id="+demoMerchant, nil)
		if err == nil && r.Status == http.StatusOK {
			continue
		}
		if err := admin.Put(ctx, sku, map[string]any{"merchant_id": demoMerchant, "on_hand": 1000}); err != nil {
			return err
		}
	}
	return nil
}
