package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/operations"
)

// parseAudit parses `audit`.
func parseAudit(args []string) (command, error) {
	f := flags("audit")
	merchantID, period := f.String("merchant", "", ""), f.String("period", "", "")
	if err := f.Parse(args); err != nil || f.NArg() > 0 {
		return nil, errUsage
	}
	err := need("make audit PERIOD=2026-11; with MERCHANT=merchant-123, that merchant's entries",
		argument{"PERIOD", *period})
	if err != nil {
		return nil, err
	}
	if _, err := audit.ParsePeriod(*period); err != nil {
		return nil, fmt.Errorf("PERIOD= %w", err)
	}
	if *merchantID != "" && !gst.ValidMerchantID(*merchantID) {
		return nil, fmt.Errorf("MERCHANT=%s is not a merchant's id", *merchantID)
	}
	return func(ctx context.Context, s *operations.System) error {
		return printAudit(ctx, os.Stdout, s.Audit, *merchantID, *period)
	}, nil
}

// printAudit prints a merchant's entries of a month in the audit log, or for an empty id the acts on
// the platform, in the order of the log.
func printAudit(ctx context.Context, to io.Writer, log *audit.Log, merchantID, period string) error {
	entries, err := log.Register(ctx, merchantID, period)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	if len(entries) > 0 {
		_, _ = fmt.Fprintln(w, "TIME\tACTION\tSUBJECT\tACTOR\tREASON\tPLACE")
	}
	for _, e := range entries {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\n",
			stamp(e.At), e.Action, cell(subjectOf(e.Entry)), cell(e.Actor), cell(e.Reason), e.Place)
	}
	_ = w.Flush()
	_, _ = fmt.Fprintf(to, "%d entries\n", len(entries))
	return nil
}

// subjectOf returns what an act was done to; of a document, its type and number.
func subjectOf(e audit.Entry) string {
	if e.InvoiceID == "" {
		return e.Subject
	}
	return strings.TrimSpace(e.DocumentType + " " + e.InvoiceNumber)
}

// cell returns a text as a cell of a table on a terminal: a reason may hold any character.
func cell(s string) string {
	return dash(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s))
}
