package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestConflictRule: a transaction is refused while another holds its item, and is never queued.
func TestConflictRule(t *testing.T) {
	t.Parallel()
	var i item
	require.True(t, i.hold(0, 20*time.Millisecond))
	require.False(t, i.hold(19*time.Millisecond, 20*time.Millisecond))
	require.True(t, i.hold(20*time.Millisecond, 20*time.Millisecond))
}

func TestBucket(t *testing.T) {
	t.Parallel()
	b := newBucket(100)
	require.True(t, b.take(0, 100))
	require.False(t, b.take(0, 1))
	require.False(t, b.take(9*time.Millisecond, 1))
	require.True(t, b.take(11*time.Millisecond, 1))
	require.False(t, b.take(time.Hour, 101), "it keeps no more than its burst")
}

// TestLoad: the largest merchant has 6 % of the invoices, its first SKU 9 % of those, and a transaction holds
// its items as long as assumed.
func TestLoad(t *testing.T) {
	t.Parallel()
	c := newCell(today(), 1)
	sum, largest, first := 0.0, 0, 0
	const n = 200_000
	for range n {
		sum += held(c.random).Seconds()
		if c.seller.Uint64() == 0 {
			largest++
		}
		if c.ware.Uint64() == 0 {
			first++
		}
	}
	require.InDelta(t, meanHeld, sum/n, 0.0002)
	require.InDelta(t, 0.06, float64(largest)/n, 0.005)
	require.InDelta(t, 0.09, float64(first)/n, 0.005)
}

func TestTheSameSeedGivesTheSameTable(t *testing.T) {
	t.Parallel()
	table := func(seed uint64) string {
		c, r := newCell(today(), seed), run{100, 5 * time.Second}
		c.offer(r)
		return c.table(r)
	}
	require.Equal(t, table(1), table(1))
	require.NotEqual(t, table(1), table(2))
}

// TestOneSKU: one item bears 1 ÷ (time held) transactions a second, and two were a sale.
func TestOneSKU(t *testing.T) {
	t.Parallel()
	served := func(d design) float64 {
		c, r := newCell(d, 1), run{100, 20 * time.Second}
		// One merchant with one SKU.
		c.seller, c.ware = rand.NewZipf(c.random, exponent, flatten, 0), rand.NewZipf(c.random, exponent, flatten, 0)
		c.perCommit = 25 // its series is not what is tested
		c.offer(r)
		return float64(c.door.served) / r.measured.Seconds()
	}
	require.Less(t, served(before()), 50.)
	require.InDelta(t, 100, served(today()), 5)
}

// TestRaisedQuotas: at the rate for which a cell is planned nothing breaks, and every invoice is booked.
func TestRaisedQuotas(t *testing.T) {
	t.Parallel()
	c, r := newCell(raised(), 1), run{1000, 10 * time.Second}
	c.offer(r)
	require.Equal(t, "Nothing breaks.", c.verdict())
	require.InDelta(t, 1000, float64(c.queues[2].component.served)/r.measured.Seconds(), 30)
}

// TestTodayIsTheDeployment: the model has the settings of the templates and of the code.
func TestTodayIsTheDeployment(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../infra/testdata/InvoChain-Service.json")
	require.NoError(t, err)
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				BatchSize, MaximumBatchingWindowInSeconds int
				ScalingConfig                             struct{ MaximumConcurrency int }
			}
		}
	}
	require.NoError(t, json.Unmarshal(text, &template))
	d, found := today(), 0
	for prefix, want := range map[string][2]int{
		"LogAudit": {d.auditWorkers, d.auditBatch}, "PublishEvent": {d.publishWorkers, d.batch},
		"ReserveInventory": {d.bookWorkers, d.batch},
	} {
		for id, r := range template.Resources {
			if r.Type == "AWS::Lambda::EventSourceMapping" && strings.HasPrefix(id, prefix) {
				found++
				require.Equal(t, want, [2]int{r.Properties.ScalingConfig.MaximumConcurrency, r.Properties.BatchSize}, id)
				require.Equal(t, d.window, time.Duration(r.Properties.MaximumBatchingWindowInSeconds)*time.Second, id)
			}
		}
	}
	require.Equal(t, 3, found)
	for _, of := range []struct {
		file, constant string
		want           int
	}{
		{"durable/saga/shard.go", "defaultDueShards", d.dueShards},
		{"inventory/shard.go", "shardCount", d.stockShards},
		{"issuance/group.go", "maxGroup", d.perCommit},
	} {
		code, err := os.ReadFile("../../../shared/" + of.file)
		require.NoError(t, err)
		value := regexp.MustCompile(of.constant + ` += (\d+)`).FindStringSubmatch(string(code))
		require.NotEmpty(t, value, of.constant)
		require.Equal(t, strconv.Itoa(of.want), value[1], of.constant)
	}
}

// TestDocument: docs/scale.md shows what the command prints.
func TestDocument(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Skip("the last bit of a floating-point number may differ, and with it what follows")
	}
	text, err := os.ReadFile("../../../docs/scale.md")
	require.NoError(t, err)
	for part := range strings.SplitSeq(strings.TrimSpace(report(1)), "\n\n") {
		require.Contains(t, string(text), part, "copy what `make scale` prints")
	}
}
