package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// plot writes the rows as CSV and as a picture.
func (l *load) plot(ctx context.Context, rows [][]string) error {
	path := filepath.Join(l.dir, "ramp.csv")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(csv.NewWriter(f).WriteAll(rows), f.Close()); err != nil {
		return err
	}
	picture := filepath.Join(l.dir, "ramp.png")
	script := filepath.Join("tests", "performance", "load", "ramp.py")
	out, err := exec.CommandContext(ctx, l.python, script, path, picture).CombinedOutput()
	if err != nil {
		return fmt.Errorf("draw the ramp: %w\n%s", err, out)
	}
	fmt.Printf("%s and %s\n\n", path, picture)
	return nil
}
