package process

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// stopTimeout is how long a group may take to end after SIGTERM, and again after SIGKILL.
const stopTimeout = 5 * time.Second

// Stop ends a program and its process group, by SIGTERM first, and returns when all of
// them have ended. It reports whether the program was running. If the program was killed
// before, Stop ends the processes that it left behind.
func (f Folder) Stop(ctx context.Context, name string) (stopped bool, err error) {
	pid, running := f.Running(name)
	if !running {
		return false, errors.Join(f.killOrphans(pid), f.forget(name))
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := kill(-pid, signal); err != nil {
			return false, err
		}
		if awaitEnd(context.WithoutCancel(ctx), pid) == nil {
			return true, f.forget(name)
		}
	}
	return false, fmt.Errorf("process %d does not end", pid)
}

// killOrphans kills the members of a group whose leader was killed.
func (f Folder) killOrphans(group int) error {
	if group <= 1 {
		return nil
	}
	var errs []error
	for _, pid := range f.Members(group) {
		errs = append(errs, kill(pid, syscall.SIGKILL))
	}
	return errors.Join(errs...)
}

// kill sends a signal to a process, or to a group if pid is negative. A process that has
// ended is no error.
func kill(pid int, signal syscall.Signal) error {
	if err := syscall.Kill(pid, signal); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// awaitEnd waits until no process of a group is left.
func awaitEnd(ctx context.Context, group int) error {
	return Await(ctx, stopTimeout, 20*time.Millisecond, func() (bool, error) {
		return len(Group(group)) == 0, nil
	})
}
