package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/operations"
)

var (
	errOneLimit = errors.New("a rate of its own (PER_SECOND= BURST=) or the plan's (-default), not both")
	errNoNumber = errors.New("PER_SECOND= and BURST= are whole numbers")
)

// limitAct is the record of what an operator did to a merchant's rate limit.
type limitAct struct {
	Time      time.Time `json:"time"`
	Act       string    `json:"act"` // limit or default
	Operator  string    `json:"operator"`
	Why       string    `json:"why"`
	Merchant  string    `json:"merchant_id"`
	PerSecond int       `json:"per_second,omitempty"`
	Burst     int       `json:"burst,omitempty"`
}

// parseLimits parses `limits`. make passes an empty value for a variable that is not set.
func parseLimits(args []string) (command, error) {
	f := flags("limits")
	a := limitAct{Act: "limit"}
	f.StringVar(&a.Merchant, "merchant", "", "")
	perSecond := f.String("per-second", "", "")
	burst := f.String("burst", "", "")
	plan := f.Bool("default", false, "")
	f.StringVar(&a.Why, "why", "", "")
	f.StringVar(&a.Operator, "operator", "", "")
	if err := f.Parse(args); err != nil || f.NArg() > 0 {
		return nil, errUsage
	}
	merchant := argument{"MERCHANT", a.Merchant}
	if f.NFlag() <= 1 && !*plan {
		return showLimit(a.Merchant), need("make limits MERCHANT=merchant-123", merchant)
	}
	a.Operator = operator(cmp.Or(a.Operator, os.Getenv("OPERATOR")))
	who := []argument{merchant, {"WHY", a.Why}, {"OPERATOR", a.Operator}}
	switch {
	case *plan && *perSecond+*burst != "":
		return nil, errOneLimit
	case *plan:
		a.Act = "default"
		return a.run, need(`make limits-default MERCHANT=merchant-123 WHY="…" OPERATOR=name`, who...)
	}
	if err := need(`make limits-set MERCHANT=merchant-123 PER_SECOND=200 BURST=400 WHY="…" OPERATOR=name`,
		append(who, argument{"PER_SECOND", *perSecond}, argument{"BURST", *burst})...); err != nil {
		return nil, err
	}
	return a.run, a.parseRate(*perSecond, *burst)
}

// parseRate takes the two numbers of a rate within its bounds.
func (a *limitAct) parseRate(perSecond, burst string) error {
	var err, second error
	a.PerSecond, err = strconv.Atoi(perSecond)
	a.Burst, second = strconv.Atoi(burst)
	if err != nil || second != nil {
		return errNoNumber
	}
	return a.rate().Validate()
}

func (a *limitAct) rate() limit.Rate { return limit.Rate{PerSecond: a.PerSecond, Burst: a.Burst} }

// run changes the limit of a merchant that exists, and records it.
func (a *limitAct) run(ctx context.Context, s *operations.System) error {
	by := operations.By{Operator: a.Operator, Why: a.Why}
	var err error
	if a.Act == "default" {
		err = s.ResetLimit(ctx, a.Merchant, by)
	} else {
		err = s.SetLimit(ctx, a.Merchant, a.rate(), by)
	}
	if err != nil {
		return err
	}
	a.Time = s.Now().UTC()
	_ = json.NewEncoder(os.Stdout).Encode(a) // a record that cannot be printed undoes nothing
	return showLimit(a.Merchant)(ctx, s)
}

func showLimit(merchant string) command {
	return func(ctx context.Context, s *operations.System) error {
		state, err := s.Limits.Read(ctx, limit.PerMerchant().Key(merchant))
		if err == nil {
			fmt.Print(describeLimit(merchant, state, s.Now()))
		}
		return err
	}
}

func describeLimit(merchant string, s limit.State, now time.Time) string {
	var out strings.Builder
	rate, source := s.InForce(limit.PerMerchant().Rate), "by an operator"
	if s.Override != rate {
		source = "by the plan"
	}
	fmt.Fprintf(&out, "%s  %s  %s\n", merchant, rate, source)
	if !s.ChangedAt.IsZero() {
		fmt.Fprintf(&out, "  since    %s, by %s: %s\n", stamp(s.ChangedAt.UnixMilli()), s.ChangedBy, s.Reason)
	}
	fmt.Fprintf(&out, "  now      %d of %d left\n", s.Remaining(rate, now), rate.Burst)
	return out.String()
}
