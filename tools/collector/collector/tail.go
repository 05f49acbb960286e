package collector

import (
	"bufio"
	"errors"
	"io"
	"math"
	"os"
)

// maxLine is more than a batch needs, which is written in one piece below 64 KB.
const maxLine = 1 << 20

// tail reads a file that grows, each line once and only when it is whole.
type tail struct {
	path string
	file *os.File
	at   int64 // where the first line that was not read yet begins
}

// read hands on the lines that came since it was last called. A file that is not there
// has none. One that was replaced or cut is read from its beginning, after what was
// left of the old one.
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
			t.file, t.at = f, 0
		}
		replaced, err := t.replaced()
		if err != nil {
			return err
		}
		if err := t.rest(line); err != nil || !replaced {
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
		return false, nil // until there is another
	}
	return err == nil && (!os.SameFile(open, named) || open.Size() < t.at), err
}

// rest reads on to the end, or to the half of a line that stands there.
func (t *tail) rest(line func([]byte)) error {
	r := bufio.NewReaderSize(io.NewSectionReader(t.file, t.at, math.MaxInt64-t.at), maxLine)
	long := int64(0) // what was skipped of a line that is too long
	for {
		piece, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			long += int64(len(piece))
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		default:
			if long == 0 {
				line(piece)
			}
			t.at += long + int64(len(piece))
			long = 0
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
