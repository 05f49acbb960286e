// Command faults runs a proxy between the functions and the endpoints of AWS. For
// experiments, it fails calls by rules; see package fault. With -hold it also refuses a write that
// meets a transaction, and throttles a busy partition, as DynamoDB on AWS does.
//
//	faults -addr 127.0.0.1:4570 -emulator http://127.0.0.1:4566 -tables http://127.0.0.1:8000 -hold 25ms
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/invochain/invochain/tools/faults/fault"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	addr := flag.String("addr", "127.0.0.1:4570", "address to listen on")
	emulator := flag.String("emulator", "http://127.0.0.1:4566", "URL of all services except DynamoDB")
	tables := flag.String("tables", "http://127.0.0.1:8000", "URL of DynamoDB")
	hold := flag.Duration("hold", 0, "how long a transaction holds its items against other writes")
	flag.Parse()
	if err := run(ctx, *addr, *emulator, *tables, *hold); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // no deferred call is left
	}
}

func run(ctx context.Context, addr, emulator, tables string, hold time.Duration) error {
	toEmulator, errEmulator := url.Parse(emulator)
	toTables, errTables := url.Parse(tables)
	if err := errors.Join(errEmulator, errTables); err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: fault.New(toEmulator, toTables, hold), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
