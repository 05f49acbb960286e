package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/function/env"
)

func TestPolicyOfTheInventory(t *testing.T) {
	vars := map[string]string{}
	r := env.New(func(name string) string { return vars[name] })
	cfg := readPolicy(r).breaker("platform")
	require.Greater(t, cfg.InFlight, int64(maxBatch), "a batch of sales is not refused")
	cfg.OnReject = nil // a function is equal to none
	require.Equal(t, breaker.Config{
		Table: "platform", Name: "inventory", Percent: 50, MinCalls: 10, InFlight: 32,
		Slow: 2 * time.Second, OpenFor: 30 * time.Second, ProbeTimeout: 10 * time.Second,
	}, cfg)
	vars["INVOCHAIN_INVENTORY_TIMEOUT_MS"] = "8000"
	require.Equal(t, 16*time.Second, readPolicy(r).breaker("").ProbeTimeout, "a probe's permit outlasts its call")
	vars["INVOCHAIN_INVENTORY_RESET_MS"] = "half a minute"
	readPolicy(r)
	require.ErrorContains(t, r.Err(), "INVOCHAIN_INVENTORY_RESET_MS")
}
