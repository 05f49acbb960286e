package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

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
	return func(ctx context.Context, s *operations.System) error { return explainSaga(ctx, os.Stdout, s, sagaID) }
}

// explainSaga explains a saga, or the accepted request that a 202 named by the id.
func explainSaga(ctx context.Context, to io.Writer, s *operations.System, id string) error {
	r, err := s.Sagas.Request(ctx, id)
	if err == nil {
		explain(to, r, s.Now())
	}
	return err
}

func findNumber(scope invoice.NumberScope, number string) command {
	return func(ctx context.Context, s *operations.System) error {
		r, err := s.SagaOfNumber(ctx, scope, number)
		if err == nil {
			err = explainSaga(ctx, os.Stdout, s, r.SagaID)
		}
		return err
	}
}

func findKey(merchantID, key string) command {
	return func(ctx context.Context, s *operations.System) error {
		found, err := s.SagasOfKey(ctx, merchantID, key)
		if err == nil {
			err = explainKey(ctx, os.Stdout, s, found)
		}
		return err
	}
}

// maxEarlier bounds how many earlier sagas of a key are printed.
const maxEarlier = 20

// explainKey explains the newest saga of a key, or the accepted request that it is an attempt
// at, and lists the earlier sagas.
func explainKey(ctx context.Context, to io.Writer, s *operations.System, found []saga.Record) error {
	if err := explainSaga(ctx, to, s, cmp.Or(found[0].RequestID, found[0].SagaID)); err != nil {
		return err
	}
	earlier := found[1:]
	if len(earlier) > 0 {
		_, _ = fmt.Fprintf(to, "earlier   %d with the same key\n", len(earlier))
	}
	for _, r := range earlier[:min(len(earlier), maxEarlier)] {
		_, _ = fmt.Fprintf(to, "  %s  %s  %s  %s\n", stamp(r.BegunAt), r.SagaID, r.State, dash(r.Reason))
	}
	return nil
}
