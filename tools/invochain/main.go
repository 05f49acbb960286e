// Command ops is the operator's hand on a running system, here or on AWS: it reads
// the names of things from the environment (.local/stack.env holds the local ones).
//
//	ops stuck              sagas that could not be undone
//	ops redrive SAGA       undo a stuck saga, from the compensation that failed
//	ops dlq                what was given up, with the reason
//	ops dlq redrive QUEUE  send it again: requests, audit, publish, inventory, compensation
//	ops breaker            the inventory's circuit breaker: its state, since when and why
//	ops breaker open|close|auto [REASON]
//	                       hold it open, or closed, or give it back to its calls; OPERATOR says who does it
//	ops series MERCHANT TYPE YEAR SERIES NEXT
//	                       have a series of other software go on here, at NEXT: merchant-123 INV 2526 S 413
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/tests/framework/stack"
)

var errUsage = errors.New("usage: ops stuck | redrive SAGA | dlq | dlq redrive QUEUE | breaker [open|close|auto [REASON]] | series MERCHANT TYPE YEAR SERIES NEXT")

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // the deferred cancel only frees a timer
	}
}

func run(ctx context.Context, args []string) error {
	s, err := stack.Open(ctx, os.Getenv)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "stuck":
		return stuck(ctx, s)
	case len(args) == 2 && args[0] == "redrive":
		r, err := s.Operator.RedriveSaga(ctx, args[1])
		if err == nil {
			fmt.Printf("%s is %s, redrive %d\n", r.SagaID, r.State, r.Redrive)
		}
		return err
	case len(args) == 1 && args[0] == "dlq":
		return deadLetters(ctx, s)
	case len(args) == 3 && args[0] == "dlq" && args[1] == "redrive":
		n, err := s.Operator.Redrive(ctx, args[2])
		fmt.Printf("%d messages redriven\n", n)
		return err
	case len(args) >= 1 && args[0] == "breaker":
		return breakers(ctx, s, args[1:])
	case len(args) == 6 && args[0] == "series":
		return handOver(ctx, s, invoice.NumberScope{MerchantID: args[1], DocumentType: args[2], FinancialYear: args[3]}, args[4], args[5])
	default:
		return errUsage
	}
}

// handOver takes a series over from other software, one operator at a time.
func handOver(ctx context.Context, s *stack.Stack, r invoice.NumberScope, series, from string) error {
	next, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return errUsage
	}
	locks := lock.New(s.DB, lock.Config{Table: s.Vars(deployment.PlatformTable)}, time.Now)
	err = locks.WithLock(ctx, r.LockName(series), 10*time.Second, func(ctx context.Context, held lock.Lease) error {
		return s.Invoices.TakeOverSeries(ctx, held, r, series, next, time.Now())
	})
	if err == nil {
		fmt.Printf("series %s of %s goes on at %d\n", series, r.MerchantID, next)
	}
	return err
}

func stuck(ctx context.Context, s *stack.Stack) error {
	found, err := s.Operator.StuckSagas(ctx)
	for _, r := range found {
		fmt.Printf("%s  merchant %s  since %s  owes %v  redrives %d\n", r.SagaID, r.MerchantID,
			time.UnixMilli(r.BegunAt).Format(time.RFC3339), r.Pending, r.Redrive)
	}
	fmt.Printf("%d stuck\n", len(found))
	return err
}

func deadLetters(ctx context.Context, s *stack.Stack) error {
	letters, err := s.Operator.DeadLetters(ctx)
	for _, l := range letters {
		fmt.Printf("%s  %s  %s\n    %s\n", l.Queue, l.Code, l.Reason, l.Body)
	}
	fmt.Printf("%d dead letters\n", len(letters))
	return err
}
