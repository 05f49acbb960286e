package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/invochain/invochain/tools/functionlog"
)

// logs shows the events that the functions have logged since a while ago, one a line, and
// follows their log until it is interrupted. With a name such as log-audit it shows only
// that function.
func (s *stack) logs(ctx context.Context, args []string) error {
	wanted, err := s.function(args)
	if err != nil {
		return err
	}
	f, err := os.Open(s.file("functions.log"))
	if err != nil {
		return errors.New("there are no logs yet: run make up and send a request")
	}
	defer func() { _ = f.Close() }()
	if err := functionlog.Seek(f, time.Now().Add(-s.since)); err != nil {
		return err
	}
	return follow(ctx, f, func(line string) {
		if e, ok := functionlog.Parse(line); ok && (wanted == "" || e.Function == wanted) {
			fmt.Println(e)
		}
	})
}

// function returns the function that args name; none if there are no args.
func (s *stack) function(args []string) (string, error) {
	if len(args) == 0 {
		return "", nil
	}
	mains, err := filepath.Glob(filepath.Join(s.root, "functions", "*", "main.go"))
	if err != nil {
		return "", err
	}
	var known []string
	for _, main := range mains {
		known = append(known, filepath.Base(filepath.Dir(main)))
	}
	if !slices.Contains(known, args[0]) {
		return "", fmt.Errorf("there is no function %q; there are %s", args[0], strings.Join(known, ", "))
	}
	return args[0], nil
}

// follow calls show for each line of r, and waits for more at its end until ctx ends.
func follow(ctx context.Context, r io.Reader, show func(line string)) error {
	var partial strings.Builder
	for lines := bufio.NewReader(r); ; {
		chunk, err := lines.ReadString('\n')
		partial.WriteString(chunk)
		if err == nil {
			show(strings.TrimSuffix(partial.String(), "\n"))
			partial.Reset()
			continue
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}
