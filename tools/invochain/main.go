// Command invochain operates a running system, on this machine or on AWS. It reads the
// names of tables and queues from the environment (.local/stack.env has the local ones).
//
//	invochain stuck              list sagas that are stuck
//	invochain redrive SAGA       restart the compensation of a stuck saga
//	invochain dlq                list dead letters with their reasons
//	invochain dlq redrive QUEUE  send them again: requests, audit, publish, inventory, compensation
//	invochain breaker            show the inventory's circuit breaker
//	invochain breaker open|close|auto [REASON]
//	                             force it open or closed, or end that; OPERATOR names who does it
//	invochain stock-list         list the stock of a release that had no list; once, after an upgrade
//	invochain series MERCHANT TYPE YEAR SERIES NEXT
//	                             continue a series of other software here: merchant-123 INV 2526 S 413
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/operations"
)

var errUsage = errors.New("usage: invochain stuck | redrive SAGA | dlq | dlq redrive QUEUE | " +
	"breaker [open|close|auto [REASON]] | stock-list | series MERCHANT TYPE YEAR SERIES NEXT")

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // the deferred cancel only frees a timer
	}
}

func open(ctx context.Context) (*operations.System, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	s, err := operations.Open(cfg, env.New(os.Getenv), time.Now)
	if err != nil {
		return nil, fmt.Errorf("is the stack up, and its stack.env read? %w", err)
	}
	return s, nil
}

func run(ctx context.Context, args []string) error {
	s, err := open(ctx)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "stuck":
		return listStuck(ctx, s)
	case len(args) == 2 && args[0] == "redrive":
		r, err := s.RedriveSaga(ctx, args[1])
		if err == nil {
			fmt.Printf("%s is %s, redrive %d\n", r.SagaID, r.State, r.Redrive)
		}
		return err
	case len(args) == 1 && args[0] == "dlq":
		return listDeadLetters(ctx, s)
	case len(args) == 3 && args[0] == "dlq" && args[1] == "redrive":
		n, err := s.Redrive(ctx, args[2])
		fmt.Printf("%d messages redriven\n", n)
		return err
	case len(args) >= 1 && args[0] == "breaker":
		return showBreaker(ctx, s.Breaker, args[1:])
	case len(args) == 1 && args[0] == "stock-list":
		n, err := s.Stock.Run(context.WithoutCancel(ctx)) // for as long as its scan takes
		fmt.Printf("%d SKUs added to the list of stock\n", n)
		return err
	case len(args) == 6 && args[0] == "series":
		scope := invoice.NumberScope{MerchantID: args[1], DocumentType: args[2], FinancialYear: args[3]}
		return takeOverSeries(ctx, s, scope, args[4], args[5])
	default:
		return errUsage
	}
}

func listStuck(ctx context.Context, s *operations.System) error {
	found, err := s.StuckSagas(ctx)
	for _, r := range found {
		fmt.Printf("%s  merchant %s  since %s  owes %v  redrives %d\n", r.SagaID, r.MerchantID,
			time.UnixMilli(r.BegunAt).Format(time.RFC3339), r.Pending, r.Redrive)
	}
	fmt.Printf("%d stuck\n", len(found))
	return err
}

func listDeadLetters(ctx context.Context, s *operations.System) error {
	found, err := s.DeadLetters(ctx)
	for _, d := range found {
		fmt.Printf("%s  %s  %s\n    %s\n", d.Queue, d.Code, d.Reason, d.Body)
	}
	fmt.Printf("%d dead letters\n", len(found))
	return err
}

func takeOverSeries(ctx context.Context, s *operations.System, scope invoice.NumberScope, series, from string) error {
	next, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return errUsage
	}
	if err := s.TakeOverSeries(ctx, scope, series, next); err != nil {
		return err
	}
	fmt.Printf("series %s of %s continues at %d\n", series, scope.MerchantID, next)
	return nil
}
