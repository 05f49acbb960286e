package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/operations"
)

// parseRedrive parses `redrive`.
func parseRedrive(args []string) (command, error) {
	if len(args) != 1 {
		args = []string{""}
	}
	by := byEnvironment()
	err := need(`make redrive SAGA=id WHY="…" OPERATOR=name; make sagas lists those that are stuck`,
		argument{"SAGA", args[0]}, argument{"OPERATOR", by.Operator})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, s *operations.System) error {
		r, err := s.RedriveSaga(ctx, args[0], by)
		if errors.Is(err, saga.ErrLost) {
			return fmt.Errorf("this saga owes nothing now, or was just redriven: make find SAGA=%s shows its state", args[0])
		}
		if err == nil {
			fmt.Printf("%s is %s, redrive %d\n", r.SagaID, r.State, r.Redrive)
		}
		return err
	}, nil
}

// parseSeries parses `series`.
func parseSeries(args []string) (command, error) {
	if len(args) != 5 {
		return nil, errUsage
	}
	by := byEnvironment()
	err := need(`make series MERCHANT=merchant-123 TYPE=INV YEAR=2526 SERIES=S NEXT=413 WHY="…" OPERATOR=name`,
		argument{"MERCHANT", args[0]}, argument{"TYPE", args[1]}, argument{"YEAR", args[2]}, argument{"SERIES", args[3]},
		argument{"NEXT", args[4]}, argument{"OPERATOR", by.Operator})
	if err != nil {
		return nil, err
	}
	next, err := strconv.ParseInt(args[4], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("NEXT=%s is not a number", args[4])
	}
	scope := invoice.NumberScope{MerchantID: args[0], DocumentType: args[1], FinancialYear: args[2]}
	return func(ctx context.Context, s *operations.System) error {
		if err := s.TakeOverSeries(ctx, scope, args[3], next, by); err != nil {
			return err
		}
		fmt.Printf("series %s of %s continues at %d\n", args[3], scope.MerchantID, next)
		return nil
	}, nil
}
