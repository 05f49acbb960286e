package main

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/stretchr/testify/require"
)

// TestFailuresDoNotStarveTheirRepair: what undoes and recovers has instances of its own, what callers
// cause is capped, and AWS's 100 stay unreserved.
func TestFailuresDoNotStarveTheirRepair(t *testing.T) {
	got, sum := map[string]float64{}, 0.0
	for id, p := range resources(serviceStack, "AWS::Lambda::Function") {
		if n, has := p["ReservedConcurrentExecutions"].(float64); has {
			got[named(id)] = n
			sum += n
		}
	}
	for _, name := range []string{
		createInvoice, reserveInventory, deleteInvoice, releaseInventory, returnStock, voidNumber, settleSaga,
		logAudit, publishEvent, recoverSagas, sealAudit,
	} {
		require.Positive(t, got[pascal(name)], name)
	}
	require.LessOrEqual(t, sum, 1000.-100)
	require.GreaterOrEqual(t, got["ReserveInventory"], got["CreateInvoice"], "a sale in progress can reserve")
	aliases := resources(serviceStack, "AWS::Lambda::Alias")
	for id, m := range resources(serviceStack, "AWS::Lambda::EventSourceMapping") {
		of := named(target(t, aliases[target(t, m["FunctionName"])]["FunctionName"]))
		used := m["ScalingConfig"].(map[string]any)["MaximumConcurrency"].(float64)
		require.LessOrEqual(t, used, got[of]/2, "in half a cell too: %s", id)
	}
}

func TestConcurrencyIsASetting(t *testing.T) {
	with := func(value string) *service {
		return &service{concurrency: concurrencyOf(awscdk.NewApp(&awscdk.AppProps{
			Context: &map[string]any{"concurrency": value},
		}))}
	}
	require.Nil(t, with("0").reserved(createInvoice), "an emulator would limit, too")
	require.InDelta(t, 3000, *with("10000").reserved(createInvoice), 0)
	require.InDelta(t, 193, with("1000").unreserved(), 0)
	require.GreaterOrEqual(t, 2*with("500").unreserved(), 100.)
	require.Nil(t, with("1000").reserved(serveAPI))
	for _, value := range []string{"x", "-1", "499"} {
		func() {
			defer func() { require.NotNil(t, recover(), value) }()
			with(value)
		}()
	}
}
