package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// sagas compares rates, durations, and the results of a crash.
func sagas(ctx context.Context, memory *local) error {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.MaxIdleConnsPerHost = 64
	}
	steps, err := startSteps(ctx)
	if err != nil {
		return err
	}
	disk, err := startLocal(ctx, dir)
	if err != nil {
		return err
	}
	defer disk.stop()
	if err := measureFloor(ctx, memory, disk); err != nil {
		return err
	}
	if err := countSagaCalls(ctx, memory, dir, steps.url); err != nil {
		return err
	}
	all, err := systems(ctx, memory, disk, dir, steps.url)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := s.start(ctx); err != nil {
			return err
		}
		defer s.kill()
	}
	if err := compareRates(ctx, all, steps); err != nil {
		return err
	}
	return compareCrashes(ctx, all, steps)
}

func systems(ctx context.Context, memory, disk *local, dir, steps string) ([]*system, error) {
	bin, err := filepath.Abs(cache)
	if err != nil {
		return nil, err
	}
	all := []*system{
		{name: "shared/durable/saga", durability: "DynamoDB Local in memory: survives its own process, not the store's"},
		{name: "shared/durable/saga", durability: "DynamoDB Local on disk, fsync on every write", onDisk: true},
		{name: "dtm 1.19.0", durability: "boltdb in the process, fsync on every write", dtm: true},
		{name: "DBOS Transact 1.8.0", durability: "SQLite in the process, WAL, synchronous=NORMAL: no fsync on commit"},
	}
	for i, s := range all {
		if s.address, err = freeAddress(ctx); err != nil {
			return nil, err
		}
		s.dir, s.steps = filepath.Join(dir, strconv.Itoa(i)), steps
		if err := os.Mkdir(s.dir, 0o700); err != nil {
			return nil, err
		}
	}
	for i, store := range []*local{memory, disk} {
		table, err := store.table(ctx, "pk", "sk")
		if err != nil {
			return nil, err
		}
		all[i].command = []string{bin + "/ours", "saga", store.url, table, all[i].address, steps}
	}
	grpc, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	all[2].command = []string{bin + "/dtm"}
	all[2].env = []string{
		"HTTP_PORT=" + all[2].port(), "GRPC_PORT=" + (&system{address: grpc}).port(), "LOG_LEVEL=error",
	}
	all[3].command = []string{bin + "/dbos", "sagas.db", all[3].address, steps}
	return all, nil
}

const (
	warmUp = 300 * time.Millisecond
	window = 2 * time.Second
)

func compareRates(ctx context.Context, all []*system, steps *stepServer) error {
	fmt.Println("\n| four no-op steps | its store | saga | 1 client: sagas/s | p50 ms | p95 ms " +
		"| 16 clients: sagas/s | p50 ms | p95 ms | ended wrongly |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|")
	for _, fails := range []bool{false, true} {
		for i, s := range all {
			cells, wrong := []string{"| " + s.name, s.durability, outcomeName(fails)}, int64(0)
			for _, clients := range []int{1, 16} {
				prefix := fmt.Sprintf("rate-%d-%s-%d", i, how(fails), clients)
				if _, _, err := closedLoop(ctx, s, steps, prefix+"-warm", clients, fails, warmUp); err != nil {
					return err
				}
				took, w, err := closedLoop(ctx, s, steps, prefix, clients, fails, window)
				if err != nil {
					return err
				}
				wrong += w
				rate := fmt.Sprintf("%.0f", float64(len(took))/window.Seconds())
				cells = append(cells, rate, percentile(0.5, took), percentile(0.95, took))
			}
			fmt.Printf("%s | %d |\n", strings.Join(cells, " | "), wrong)
			if i == 0 && wrong > 0 {
				return fmt.Errorf("%w: %d of our sagas ended otherwise than the response said", errUnexpected, wrong)
			}
		}
	}
	return nil
}

func outcomeName(fails bool) string {
	if fails {
		return "last step fails, three compensated"
	}
	return "succeeds"
}

// closedLoop has each client start its next saga after the response to its last. wrong
// counts sagas whose response or steps are not as expected.
func closedLoop(
	ctx context.Context, s *system, steps *stepServer, prefix string, clients int, fails bool, window time.Duration,
) (took []float64, wrong int64, err error) {
	var bad atomic.Int64
	took, err = loop(ctx, clients, window, func(ctx context.Context, n int64) error {
		id := fmt.Sprintf("%s-%d", prefix, n)
		response, err := responseFate(s.run(ctx, id, fails))
		want := map[bool]fate{false: allDone, true: allUndone}[fails]
		if got, _ := steps.fate(id); err == nil && (response != want || got != want) {
			bad.Add(1)
		}
		return err
	})
	return took, bad.Load(), err
}
