package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// start runs a program in the background, in a process group of its own, with its
// output in NAME.log, and remembers it in NAME.pid and its port in NAME.port.
func (s *stack) start(ctx context.Context, name string, port int, env []string, program string, args ...string) error {
	log, err := os.OpenFile(s.file(name+".log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	pid := cmd.Process.Pid
	if err := os.WriteFile(s.file(name+".port"), []byte(strconv.Itoa(port)), 0o600); err != nil {
		return err
	}
	return os.WriteFile(s.file(name+".pid"), fmt.Appendf(nil, "%d %s", pid, bornAt(pid)), 0o600)
}

// running tells whether the process that was remembered still runs. Its start time
// is compared, so that another one which got its number later is left alone.
func (s *stack) running(name string) (int, bool) {
	b, err := os.ReadFile(s.file(name + ".pid"))
	if err != nil {
		return 0, false
	}
	number, born, _ := strings.Cut(string(b), " ")
	pid, err := strconv.Atoi(number)
	return pid, err == nil && born != "" && bornAt(pid) == born
}

// bornAt is when a process started, in clock ticks since boot; empty if it is gone
// or a zombie.
func bornAt(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// Behind the name, which is in parentheses and may hold blanks, the state is the
	// first field and the start time the twentieth.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return ""
	}
	return fields[19]
}

// stop ends a process and its group, gently first. It is done when both are gone.
func (s *stack) stop(name string) (bool, error) {
	pid, running := s.running(name)
	if !running {
		return false, s.forget(name)
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := syscall.Kill(-pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return false, err
		}
		if gone(pid, 5*time.Second) {
			return true, s.forget(name)
		}
	}
	return false, fmt.Errorf("process %d does not end", pid)
}

// gone waits for the last process of a group.
func gone(group int, limit time.Duration) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if bornAt(group) == "" && errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
			return true
		}
	}
	return false
}

func (s *stack) forget(name string) error {
	return errors.Join(removed(s.file(name+".pid")), removed(s.file(name+".port")))
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// tail is the end of a log, for the message that says why a process is not up.
func tail(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

// command runs a program to its end; what it printed is shown only if it fails.
func command(ctx context.Context, dir string, env []string, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return nil
}
