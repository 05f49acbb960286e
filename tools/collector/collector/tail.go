package collector

import (
	"bufio"
	"errors"
	"io"
	"math"
	"os"
)

// maxLine bounds a line in bytes. A batch is smaller: it is written in one piece below 64 KB.
const maxLine = 1 << 20

// tail reads a growing file: each line once, and only when it is complete.
type tail struct {
	path   string
	file   *os.File
	offset int64 // of the first unread line
}

// read calls line for each line since its last call. A missing file has no lines. A file
// that was replaced or truncated is read from its beginning, after the rest of the old
// one.
func (t *tail) read(line func([]byte)) error {
	for {
		if t.file == nil {
			f, err := os.Open(t.path)
			if errors.Is(err, os.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			t.file, t.offset = f, 0
		}
		replaced, err := t.replaced()
		if err != nil {
			return err
		}
		if err := t.readOn(line); err != nil || !replaced {
			return err
		}
		if err := t.close(); err != nil {
			return err
		}
	}
}

func (t *tail) replaced() (bool, error) {
	open, err := t.file.Stat()
	if err != nil {
		return false, err
	}
	named, err := os.Stat(t.path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // until the new file exists
	}
	return err == nil && (!os.SameFile(open, named) || open.Size() < t.offset), err
}

// readOn reads from the offset to the last complete line.
func (t *tail) readOn(line func([]byte)) error {
	r := bufio.NewReaderSize(io.NewSectionReader(t.file, t.offset, math.MaxInt64-t.offset), maxLine)
	skipped := int64(0) // bytes of a line that is too long
	for {
		piece, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			skipped += int64(len(piece))
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		default:
			if skipped == 0 {
				line(piece)
			}
			t.offset += skipped + int64(len(piece))
			skipped = 0
		}
	}
}

func (t *tail) close() error {
	if t.file == nil {
		return nil
	}
	err := t.file.Close()
	t.file = nil
	return err
}
