// Command dash shows the operator's dashboard for a stack on this machine.
//
//	dash serve     collect the stack's metrics and show them in a browser, until Ctrl-C
//	dash queries   print all queries of the dashboard as rules, which promtool can check
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/invochain/invochain/infra/dashboards/panel"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // no deferred call is left
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "serve":
		return serve(ctx, args[1:])
	case "queries":
		return writeQueries(os.Stdout)
	default:
		return errUsage
	}
}

var errUsage = errors.New("usage: dash serve | queries")

// writeQueries writes each query of the dashboard as a recording rule, with a window that
// promtool accepts.
func writeQueries(w io.Writer) error {
	if _, err := io.WriteString(w, "groups:\n  - name: panels\n    rules:\n"); err != nil {
		return err
	}
	n := 0
	for _, row := range panel.Operator().Rows {
		for _, p := range row.Panels {
			for _, l := range p.Lines {
				n++
				query := strings.ReplaceAll(l.Prom, panel.Window, "5m")
				_, err := fmt.Fprintf(w, "      - record: panel_%d\n        expr: >-\n          %s\n", n, query)
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}
