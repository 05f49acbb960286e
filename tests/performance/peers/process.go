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

const perProcess = time.Minute

// answers runs a peer to its end and decodes the JSON that it prints.
func answers(ctx context.Context, into any, command ...string) error {
	ctx, cancel := context.WithTimeout(ctx, perProcess)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", command[0], err)
	}
	if err := json.Unmarshal(out, into); err != nil {
		return fmt.Errorf("%s answered %q: %w", command[0], out, err)
	}
	return nil
}

// at is the p-th part of samples in milliseconds, by nearest rank, to be printed.
func at(p float64, ms []float64) string {
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
