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

// shownFirst is how much of what was already there is shown, in bytes.
const shownFirst = 8 << 10

// logs follows the functions' lines until it is interrupted. With a name, such as
// log-audit, it shows that function's alone.
func (s *stack) logs(ctx context.Context, args []string) error {
	path := s.file("functions.log")
	f, err := os.Open(path)
	if err != nil {
		return errors.New("there are no logs: run make up, and send a request")
	}
	defer func() { _ = f.Close() }()
	wanted := ""
	if len(args) > 0 {
		wanted = args[0]
	}
	if err := skipTo(f, shownFirst); err != nil {
		return err
	}
	return follow(ctx, f, func(line string) {
		if function, text := logLine(line); wanted == "" || function == wanted {
			fmt.Println(text)
		}
	})
}

// skipTo leaves the last n bytes of a file to be read, from the start of a line.
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

// logLine splits what the launcher wrote, the deployed function's name and its
// line, and says in the line which function it was. A line that is no JSON object,
// such as a panic's, becomes one.
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

// folder turns InvoChain-Service-LogAudit1A2B3C4D-5E6F7 into log-audit. What follows the
// dash is the cloud's: capitals on one bed, small letters on the other, both on AWS.
func folder(deployed string) string {
	m := regexp.MustCompile(`([A-Za-z]+?)[0-9A-F]{8}-[0-9A-Za-z]+$`).FindStringSubmatch(deployed)
	if m == nil {
		return deployed
	}
	return strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(m[1], "$1-$2"))
}
