package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
)

// backlog is how much of the existing log is shown, in bytes.
const backlog = 8 << 10

// logs follows the log of the functions until it is interrupted. With a name such as
// log-audit it shows only that function.
func (s *stack) logs(ctx context.Context, args []string) error {
	path := s.file("functions.log")
	f, err := os.Open(path)
	if err != nil {
		return errors.New("there are no logs yet: run make up and send a request")
	}
	defer func() { _ = f.Close() }()
	wanted := ""
	if len(args) > 0 {
		wanted = args[0]
	}
	if err := skipTo(f, backlog); err != nil {
		return err
	}
	return follow(ctx, f, func(line string) {
		if function, text := logLine(line); wanted == "" || function == wanted {
			fmt.Println(text)
		}
	})
}

// skipTo seeks to the start of the first line within the last n bytes of a file.
func skipTo(f *os.File, n int64) error {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil || end <= n {
		_, err = f.Seek(0, io.SeekStart)
		return err
	}
	if _, err := f.Seek(-n, io.SeekEnd); err != nil {
		return err
	}
	half, err := bufio.NewReader(f).ReadString('\n')
	if err != nil {
		return err
	}
	_, err = f.Seek(end-n+int64(len(half)), io.SeekStart)
	return err
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

// logLine converts a line of the log, which starts with the deployed name of the function.
// It returns the function and the rest of the line with the function added. A line that is
// not a JSON object, such as that of a panic, becomes one.
func logLine(line string) (function, text string) {
	deployed, text, _ := strings.Cut(line, " ")
	function = folder(deployed)
	name, _ := json.Marshal(function)
	if rest, found := strings.CutPrefix(text, `{"`); found {
		return function, fmt.Sprintf(`{"function":%s,"%s`, name, rest)
	}
	quoted, _ := json.Marshal(text)
	return function, fmt.Sprintf(`{"function":%s,"text":%s}`, name, quoted)
}

// folder converts InvoChain-Service-LogAudit1A2B3C4D-5E6F7 to log-audit. The part after the
// last dash is random: upper case, lower case or both, depending on the emulator.
func folder(deployed string) string {
	m := regexp.MustCompile(`([A-Za-z]+?)[0-9A-F]{8}-[0-9A-Za-z]+$`).FindStringSubmatch(deployed)
	if m == nil {
		return deployed
	}
	return strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(m[1], "$1-$2"))
}
