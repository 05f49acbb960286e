package functionlog

import (
	"bufio"
	"errors"
	"io"
	"sort"
	"strings"
	"time"
)

// Seek moves to the first line of a log that was logged at or after since, or to its end.
// Lines are in the order of their time but for a few that were logged at once. It reads a few
// lines of a log of any length.
func Seek(f io.ReadSeeker, since time.Time) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	var failed error
	at := sort.Search(int(size), func(offset int) bool {
		logged, err := timeFrom(f, int64(offset))
		failed = errors.Join(failed, err)
		return logged.IsZero() || !logged.Before(since)
	})
	if failed != nil {
		return failed
	}
	start, _, err := lineFrom(f, int64(at))
	if err != nil {
		return err
	}
	_, err = f.Seek(start, io.SeekStart)
	return err
}

// timeFrom returns the time of the first event that starts at offset or later; zero if there
// is none.
func timeFrom(f io.ReadSeeker, offset int64) (time.Time, error) {
	_, lines, err := lineFrom(f, offset)
	if err != nil {
		return time.Time{}, err
	}
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return time.Time{}, nil
		}
		if err != nil {
			return time.Time{}, err
		}
		if e, ok := Parse(strings.TrimSuffix(line, "\n")); ok && !e.Time.IsZero() {
			return e.Time, nil
		}
	}
}

// lineFrom returns where the first line that starts at offset or later starts, and a reader
// from there.
func lineFrom(f io.ReadSeeker, offset int64) (int64, *bufio.Reader, error) {
	before := max(0, offset-1)
	if _, err := f.Seek(before, io.SeekStart); err != nil {
		return 0, nil, err
	}
	lines := bufio.NewReader(f)
	if offset == 0 {
		return 0, lines, nil
	}
	rest, err := lines.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, nil, err
	}
	return before + int64(len(rest)), lines, nil
}
