package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Folder is a folder with the files of programs that run in the background: for each
// program NAME.log with its output, NAME.pid and NAME.port.
type Folder string

// Program is a program to run in the background.
type Program struct {
	Name    string
	Port    int      // that it listens on
	Env     []string // KEY=VALUE, in addition to the environment of this process
	Command []string // the executable and its arguments
}

// Start starts a program, which continues to run after ctx and this process end. The
// returned channel receives the result of the program if it exits while this process runs.
//
// The program leads a session of its own. In the session of this process, the kernel would
// send SIGHUP to the program's group when this process ends, because the group is then
// orphaned and may have stopped members.
func (f Folder) Start(ctx context.Context, p Program) (exited <-chan error, err error) {
	log, err := os.OpenFile(f.file(p.Name, "log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	if err := os.WriteFile(f.file(p.Name, "port"), []byte(strconv.Itoa(p.Port)), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.WithoutCancel(ctx), p.Command[0], p.Command[1:]...)
	cmd.Env = append(os.Environ(), p.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	result := make(chan error, 1)
	go func() { result <- cmd.Wait() }() // also leaves no zombie
	pid := cmd.Process.Pid
	stat, _ := ReadStat(pid)
	return result, os.WriteFile(f.file(p.Name, "pid"), fmt.Appendf(nil, "%d %s", pid, stat.Started), 0o600)
}

// Running returns the process id in NAME.pid and reports whether that program still runs.
// It compares start times, because another process may have got the id since.
func (f Folder) Running(name string) (pid int, running bool) {
	b, err := os.ReadFile(f.file(name, "pid"))
	if err != nil {
		return 0, false
	}
	number, started, _ := strings.Cut(string(b), " ")
	pid, err = strconv.Atoi(number)
	if err != nil {
		return 0, false
	}
	stat, exists := ReadStat(pid)
	return pid, exists && stat.Started == started
}

// Port returns the port of a program as text, "0" if it is not known.
func (f Folder) Port(name string) string {
	b, err := os.ReadFile(f.file(name, "port"))
	if err != nil {
		return "0"
	}
	return string(b)
}

// Names returns the programs that were started and not stopped.
func (f Folder) Names() ([]string, error) {
	files, err := filepath.Glob(f.file("*", "pid"))
	names := make([]string, 0, len(files))
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".pid"))
	}
	return names, err
}

// LogTail returns the last lines of a program's log.
func (f Folder) LogTail(name string) string {
	b, err := os.ReadFile(f.file(name, "log"))
	if err != nil {
		return err.Error()
	}
	lines := slices.Collect(strings.Lines(strings.TrimSpace(string(b))))
	return strings.Join(lines[max(0, len(lines)-15):], "")
}

// forget removes what Running and Port read. The log stays.
func (f Folder) forget(name string) error {
	return errors.Join(removeIfExists(f.file(name, "pid")), removeIfExists(f.file(name, "port")))
}

func (f Folder) file(name, extension string) string {
	return filepath.Join(string(f), name+"."+extension)
}

func removeIfExists(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
