package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"
)

const perProcess = 3 * time.Minute

// runPeer runs a peer to its end and decodes the JSON that it prints.
func runPeer(ctx context.Context, into any, command ...string) error {
	out, err := output(ctx, command...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, into); err != nil {
		return fmt.Errorf("%s printed %q: %w", command[0], out, err)
	}
	return nil
}

// output runs a peer to its end and returns what it prints.
func output(ctx context.Context, command ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, perProcess)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", command[0], err, out)
	}
	return out, nil
}

// percentile formats the p-quantile (0 to 1) of samples in milliseconds, by nearest rank.
func percentile(p float64, ms []float64) string {
	if len(ms) == 0 {
		return "–"
	}
	sorted := slices.Sorted(slices.Values(ms))
	v := sorted[int(p*float64(len(sorted)-1)+0.5)]
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}
