package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/invochain/invochain/shared/operations"
)

var errWhich = errors.New("missing: ID= or ALL=1; make dlq shows the ids, ALL=1 drops every dead letter of the queue")

// parseDLQ parses `dlq`, `dlq redrive` and `dlq drop`.
func parseDLQ(args []string) (command, error) {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		f := flags("dlq")
		name := f.String("queue", "", "")
		if err := f.Parse(args); err != nil {
			return nil, err
		}
		return func(ctx context.Context, s *operations.System) error { return listDeadLetters(ctx, s, *name) }, nil
	}
	f := flags("dlq")
	all := f.Bool("all", false, "")
	a := act{Act: args[0]}
	f.StringVar(&a.Queue, "queue", "", "")
	f.StringVar(&a.MessageID, "id", "", "")
	f.StringVar(&a.Why, "why", "", "")
	f.StringVar(&a.Operator, "operator", "", "")
	if err := f.Parse(args[1:]); err != nil {
		return nil, err
	}
	a.Operator = operator(a.Operator)
	if err := a.check(*all); err != nil {
		return nil, err
	}
	return a.run, nil
}

// check returns an error that says what is missing.
func (a act) check(all bool) error {
	if a.Act != "redrive" && a.Act != "drop" {
		return errUsage
	}
	example := "make dlq-" + a.Act + ` QUEUE=requests ID=… WHY="…" OPERATOR=name`
	err := need(example, argument{"QUEUE", a.Queue}, argument{"WHY", a.Why}, argument{"OPERATOR", a.Operator})
	if err == nil && a.Act == "drop" && all == (a.MessageID != "") {
		err = errWhich
	}
	return err
}

// act is the record of what an operator did to one dead letter.
type act struct {
	Time       time.Time `json:"time"`
	Act        string    `json:"act"` // redrive or drop
	Operator   string    `json:"operator"`
	Why        string    `json:"why"`
	Queue      string    `json:"queue"`
	MessageID  string    `json:"message_id"`
	SentAt     time.Time `json:"sent_at"`
	MerchantID string    `json:"merchant_id,omitempty"`
	Key        string    `json:"idempotency_key,omitempty"`
	SagaID     string    `json:"saga_id,omitempty"`
	Code       string    `json:"reason_code"`
}

// run does the act to one dead letter, or to all of the queue, and records each. Of many it shows
// the progress on stderr.
func (a act) run(ctx context.Context, s *operations.System) error {
	do, past := s.Redrive, "redriven"
	if a.Act == "drop" {
		do, past = s.Drop, "dropped"
	}
	total := 1
	if a.MessageID == "" {
		var err error
		if total, err = s.Count(ctx, a.Queue); err != nil {
			return err
		}
	}
	p := newProgress(os.Stderr, past, total)
	defer p.start()()
	by := operations.By{Operator: a.Operator, Why: a.Why}
	err := do(ctx, operations.Selection{Queue: a.Queue, ID: a.MessageID}, by, func(l operations.DeadLetter) {
		p.done.Add(1)
		_ = json.NewEncoder(os.Stdout).Encode(a.of(l, s.Now())) // a record that cannot be printed undoes nothing
	})
	if n := p.done.Load(); err == nil || n > 0 {
		fmt.Printf("%d %s\n", n, past)
	}
	return err
}

func (a act) of(l operations.DeadLetter, now time.Time) act {
	a.Time, a.MessageID, a.SentAt = now.UTC(), l.ID, l.Sent.UTC()
	a.MerchantID, a.Key, a.SagaID, a.Code = l.MerchantID, l.Key, l.SagaID, l.Code
	return a
}

func listDeadLetters(ctx context.Context, s *operations.System, queue string) error {
	var only []string
	if queue != "" {
		only = []string{queue}
	}
	found, err := s.DeadLetters(ctx, only...)
	if err == nil || len(found) > 0 {
		printDeadLetters(os.Stdout, found)
	}
	return err
}

func printDeadLetters(to io.Writer, found []operations.DeadLetter) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	if len(found) > 0 {
		_, _ = fmt.Fprintln(w, "SENT\tID\tQUEUE\tMERCHANT\tKEY OR SAGA\tATTEMPTS\tCODE\tREASON")
	}
	perQueue := map[string]int{}
	for _, l := range found {
		perQueue[l.Queue]++
		_, _ = fmt.Fprintln(w, strings.Join([]string{
			l.Sent.UTC().Format(time.RFC3339), l.ID, l.Queue, dash(l.MerchantID), dash(l.Key + l.SagaID),
			attempts(l.Attempts), l.Code, l.Reason,
		}, "\t"))
	}
	_ = w.Flush()
	_, _ = fmt.Fprintf(to, "%d dead letters\n", len(found))
	for _, queue := range slices.Sorted(maps.Keys(perQueue)) {
		if perQueue[queue] == operations.MaxListed {
			_, _ = fmt.Fprintf(to, "%s may have more: a queue is listed up to %d\n", queue, operations.MaxListed)
		}
	}
}

func attempts(n int) string {
	if n == 0 {
		return "–"
	}
	return strconv.Itoa(n)
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
