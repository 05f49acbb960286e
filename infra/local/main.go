// Command local runs the whole system on this machine: an embedded emulator, the
// stacks deployed to it, and a front at a fixed address.
//
//	local up      build, start, deploy, seed; again after a change
//	local status  what runs, and where
//	local logs    follow the functions' logs; a name as argument picks one function
//	local down    stop what up started
//
// Flags, before the command: -dir where state is kept (.local), -port of the front
// (3002; 0 for any free one).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	dir := flag.String("dir", ".local", "folder of the stack's state")
	port := flag.Int("port", 3002, "port of the front; 0 for any free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *port, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "\n✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // nothing is left to be deferred
	}
}

var errUsage = errors.New("usage: local [-dir DIR] [-port PORT] up | status | logs [FUNCTION] | down")

func run(ctx context.Context, dir string, port int, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	s, err := open(dir, port)
	if err != nil {
		return err
	}
	switch args[0] {
	case "up":
		return s.up(ctx)
	case "down":
		return s.down()
	case "status":
		return s.status(ctx)
	case "logs":
		return s.logs(ctx, args[1:])
	case "front":
		return s.serveFront(ctx, args[1:])
	default:
		return errUsage
	}
}
