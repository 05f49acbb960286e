package collector

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// journal keeps the batches that came over the network, one a line. A line that was
// written survives the end of this process in any way; not the machine's.
type journal struct {
	file *os.File
	size int64
}

// openJournal hands on what it holds and is ready to keep more. It is one process's:
// error if another has it open.
func openJournal(path string, line func([]byte)) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{file: f}
	if err := j.replay(path, line); err != nil {
		return nil, errors.Join(fmt.Errorf("open the journal %s: %w", path, err), f.Close())
	}
	return j, nil
}

func (j *journal) replay(path string, line func([]byte)) error {
	if err := syscall.Flock(int(j.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return err
	}
	old := tail{path: path}
	if err := errors.Join(old.read(line), old.close()); err != nil {
		return err
	}
	j.size = old.at
	return j.cut() // half of a line was never answered: its sender has it still
}

// errUnfit is that of a batch which no try can keep: it is too long to be read back, or
// has a value that is no number.
var errUnfit = errors.New("the batch cannot be written down")

// keep appends a batch, whole or not at all.
func (j *journal) keep(b Batch) error {
	line, err := b.line()
	if err != nil || len(line) > maxLine {
		return errors.Join(errUnfit, err)
	}
	if _, err := j.file.Write(line); err != nil {
		return errors.Join(err, j.cut())
	}
	j.size += int64(len(line))
	return nil
}

func (j *journal) cut() error {
	_, err := j.file.Seek(j.size, io.SeekStart)
	return errors.Join(j.file.Truncate(j.size), err)
}
