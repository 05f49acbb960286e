// Command invochain operates a running system, on this machine or on AWS. It reads the
// names of tables and queues from the environment (.local/stack.env has the local ones).
//
//	invochain find -saga ID | -request ID | -merchant ID -key UUID |
//	               -merchant ID -number N -year 2526 [-type INV]
//	                             show what happened to a request, and how to go on
//	invochain sagas [-merchant ID] [-state STATE]
//	                             list a merchant's sagas; without one, all that are stuck
//	invochain audit -period 2026-11 [-merchant ID]
//	                             list a merchant's entries of a month in the audit log; without one,
//	                             the acts on the platform
//	invochain redrive SAGA       restart the compensation of a stuck saga
//	invochain dlq [-queue NAME]  list dead letters: requests, audit, publish, inventory,
//	                             compensation, undelivered
//	invochain dlq redrive -queue NAME [-id ID] -why REASON [-operator NAME]
//	                             send one of them, or all, to their queue again; may be interrupted
//	invochain dlq drop -queue NAME (-id ID | -all) -why REASON [-operator NAME]
//	                             delete one of them, or all, for good
//	invochain breaker            show the inventory's circuit breaker
//	invochain breaker open|close|auto [REASON]
//	                             force it open or closed, or end that; OPERATOR names who does it
//	invochain limits -merchant ID
//	                             show how many requests a second a merchant may make, and what is left
//	invochain limits -merchant ID (-per-second N -burst N | -default) -why REASON [-operator NAME]
//	                             give it a rate of its own, or the plan's again
//	invochain series MERCHANT TYPE YEAR SERIES NEXT
//	                             continue a series of other software here: merchant-123 INV 2526 S 413
//	invochain migrate            once after an upgrade: bring records of an earlier version up to date
//	invochain keys               list the keys that sign tokens
//	invochain keys rotate        make the first key of a new deployment now
//	invochain keys withdraw KID WHY
//	                             refuse the tokens of a key within a minute, and sign with the next one
//	invochain clients create -role ROLE [-merchant ID] [-test]
//	                             create a client of a merchant, or an operator, and show its secret
//	invochain clients roll -id ID [-overlap 24h] [-test]
//	                             show a new secret; the former one ends after the overlap
//	invochain clients revoke -id ID
//	                             refuse a client and, within a minute, its tokens
//
// Each change is first sent to the audit log, and is not made if that fails: who did what, why and when.
// OPERATOR and WHY in the environment say so where no flag does. Most changes are then a JSON line on stdout.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/operations"
)

var errUsage = errors.New("usage: invochain find | sagas | audit | redrive SAGA | dlq [redrive | drop] | " +
	"breaker [open | close | auto] | limits | series | migrate | keys [rotate | withdraw] | " +
	"clients create | roll | revoke; `go doc ./tools/invochain` lists their arguments")

// timeout bounds a command; a hundred thousand dead letters take minutes. What is left then may be
// redriven by the same command.
const timeout = 15 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	err := run(ctx, os.Args[1:])
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
}

// run checks the arguments of a command before it connects to anything.
func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	parse, known := map[string]func(args []string) (command, error){
		"find": parseFind, "sagas": parseSagas, "audit": parseAudit, "redrive": parseRedrive, "dlq": parseDLQ,
		"breaker": parseBreaker, "limits": parseLimits, "series": parseSeries, "migrate": parseMigrate,
		"keys": parseKeys, "clients": parseClients,
	}[args[0]]
	if !known {
		return errUsage
	}
	execute, err := parse(args[1:])
	if err != nil {
		return err
	}
	s, err := open(ctx)
	if err != nil {
		return err
	}
	return execute(ctx, s)
}

// command is what a command line asks for.
type command func(ctx context.Context, s *operations.System) error

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
