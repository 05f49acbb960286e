package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// start runs a program in the background, with its output in NAME.log, and remembers
// it in NAME.pid and its port in NAME.port. It leads a session of its own: the kernel
// hangs up on a group that holds frozen processes when we, its last tie to ours, end.
func (s *stack) start(ctx context.Context, name string, port int, env []string, program string, args ...string) error {
	log, err := os.OpenFile(s.file(name+".log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	if err := os.WriteFile(s.file(name+".port"), []byte(strconv.Itoa(port)), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() { _ = cmd.Wait() }() // no zombie while up still runs
	pid := cmd.Process.Pid
	return os.WriteFile(s.file(name+".pid"), fmt.Appendf(nil, "%d %s", pid, processStat(pid).born), 0o600)
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
	return pid, err == nil && born != "" && processStat(pid).born == born
}

func (s *stack) savedPort(name string) string {
	b, err := os.ReadFile(s.file(name + ".port"))
	if err != nil {
		return "0"
	}
	return string(b)
}

// stop ends a process and its group, gently first. It is done when all are gone.
func (s *stack) stop(name string) (bool, error) {
	pid, running := s.running(name)
	if !running {
		return false, errors.Join(s.stopOrphans(pid), s.forget(name))
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

// stopOrphans ends the functions of an emulator that was killed.
func (s *stack) stopOrphans(group int) error {
	if group <= 1 {
		return nil
	}
	for _, pid := range s.members(group) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// gone waits for the last process of a group.
func gone(group int, limit time.Duration) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if len(inGroup(group)) == 0 {
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
	lines := slices.Collect(strings.Lines(strings.TrimSpace(string(b))))
	return strings.Join(lines[max(0, len(lines)-15):], "")
}
