package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// logs follows the functions' lines until it is interrupted. With a name, such as
// log-audit, it shows that function's alone.
func (s *stack) logs(ctx context.Context, args []string) error {
	f, err := os.Open(s.file("functions.log"))
	if err != nil {
		return errors.New("there are no logs: run make up, and send a request")
	}
	defer func() { _ = f.Close() }()
	wanted := ""
	if len(args) > 0 {
		wanted = strings.ToLower(strings.ReplaceAll(args[0], "-", ""))
	}
	var partial strings.Builder
	for r := bufio.NewReader(f); ; {
		chunk, err := r.ReadString('\n')
		partial.WriteString(chunk)
		if err == nil {
			show(partial.String(), wanted)
			partial.Reset()
			continue
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func show(line, wanted string) {
	function, rest, _ := strings.Cut(line, " ")
	if wanted == "" || strings.Contains(strings.ToLower(function), wanted) {
		fmt.Print(rest)
	}
}
