package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/operations"
)

var errFind = errors.New("say what to find: make find SAGA=id, REQUEST=request_id, MERCHANT=id KEY=uuid, " +
	"or MERCHANT=id NUMBER=invoice_number YEAR=2526 (TYPE=CRN)")

// parseFind parses `find`.
func parseFind(args []string) (command, error) {
	f := flags("find")
	sagaID, request := f.String("saga", "", ""), f.String("request", "", "")
	key, number := f.String("key", "", ""), f.String("number", "", "")
	merchantID, year, kind := f.String("merchant", "", ""), f.String("year", "", ""), f.String("type", "", "")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	ask := map[bool]int{}
	for _, given := range []string{*sagaID, *request, *key, *number} {
		ask[given != ""]++
	}
	if ask[true] != 1 {
		return nil, errFind
	}
	switch {
	case *sagaID != "":
		return findSaga(*sagaID), nil
	case *request != "":
		return parseRequest(*request)
	case *key != "":
		err := need("make find MERCHANT=merchant-123 KEY="+*key+" (a key is unique within its merchant)",
			argument{"MERCHANT", *merchantID})
		return findKey(*merchantID, *key), err
	default:
		err := need("make find MERCHANT=merchant-123 NUMBER="+*number+" YEAR=2526 (TYPE=CRN)",
			argument{"MERCHANT", *merchantID}, argument{"YEAR", *year})
		scope := invoice.NumberScope{MerchantID: *merchantID, DocumentType: cmp.Or(*kind, "INV"), FinancialYear: *year}
		return findNumber(scope, *number), err
	}
}

func findSaga(sagaID string) command {
	return func(ctx context.Context, s *operations.System) error {
		r, err := s.Sagas.Load(ctx, sagaID)
		if err == nil {
			explain(os.Stdout, r, s.Now())
		}
		return err
	}
}

func findNumber(scope invoice.NumberScope, number string) command {
	return func(ctx context.Context, s *operations.System) error {
		r, err := s.SagaOfNumber(ctx, scope, number)
		if err == nil {
			explain(os.Stdout, r, s.Now())
		}
		return err
	}
}

func findKey(merchantID, key string) command {
	return func(ctx context.Context, s *operations.System) error {
		found, err := s.SagasOfKey(ctx, merchantID, key)
		if err == nil {
			explainKey(os.Stdout, found, s.Now())
		}
		return err
	}
}

// maxEarlier bounds how many earlier sagas of a key are printed.
const maxEarlier = 20

// explainKey explains the newest saga of a key and lists the earlier ones.
func explainKey(to io.Writer, found []saga.Record, now time.Time) {
	explain(to, found[0], now)
	earlier := found[1:]
	if len(earlier) > 0 {
		_, _ = fmt.Fprintf(to, "earlier   %d with the same key\n", len(earlier))
	}
	for _, r := range earlier[:min(len(earlier), maxEarlier)] {
		_, _ = fmt.Fprintf(to, "  %s  %s  %s  %s\n", stamp(r.BegunAt), r.SagaID, r.State, dash(r.Reason))
	}
}
