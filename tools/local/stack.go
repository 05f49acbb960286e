package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/invochain/invochain/tools/process"
)

// stack is one running system: its programs and a folder with their state.
type stack struct {
	root     string         // folder of the checkout
	dir      string         // folder of the state: process ids, ports, outputs, logs
	cache    string         // folder of downloads, shared by all stacks of the checkout
	programs process.Folder // programs that run in the background, with their files in dir
	port     int            // of the gateway; 0 for any free one
	emulator emulator
	sample   float64       // share of the requests that are traced, 0 to 1
	faults   bool          // put the faults proxy between the functions and AWS
	hold     time.Duration // how long a transaction holds its items in the proxy
	since    time.Duration // age of the oldest event that logs shows
	began    time.Time
}

func open(dir string, port int, e emulator) (*stack, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, "cdk.json")); err != nil {
		return nil, fmt.Errorf("run this in the folder of the checkout: there is no cdk.json in %s", root)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	return newStack(root, dir, filepath.Join(root, ".cache"), port, e), os.MkdirAll(dir, 0o700)
}

func newStack(root, dir, cache string, port int, e emulator) *stack {
	return &stack{
		root: root, dir: dir, cache: cache, programs: process.Folder(dir), port: port, emulator: e, began: time.Now(),
	}
}

func (s *stack) file(name string) string { return filepath.Join(s.dir, name) }

// withLock calls do unless another up, down or token of the same stack is in progress. The kernel
// releases the lock when this process ends.
func (s *stack) withLock(do func() error) error {
	release, err := lock(s.file("lock"), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("another up, down or token of %s is in progress", s.dir)
	}
	if err != nil {
		return err
	}
	defer release()
	return do()
}

func lock(path string, how int) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}
