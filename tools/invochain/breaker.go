package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/durable/breaker"
)

var errOperator = errors.New("name the operator who changes the breaker: OPERATOR=name")

// showBreaker prints the inventory's breaker, after changing it if args say so: open,
// close or auto. The operator's name comes from OPERATOR, else USER.
func showBreaker(ctx context.Context, b *breaker.Breaker, args []string) error {
	snapshot, err := changeBreaker(ctx, b, args)
	if err == nil {
		fmt.Print(describe(snapshot, time.Now()))
	}
	return err
}

func changeBreaker(ctx context.Context, b *breaker.Breaker, args []string) (breaker.Snapshot, error) {
	if len(args) == 0 {
		return b.Read(ctx)
	}
	by, why := cmp.Or(os.Getenv("OPERATOR"), os.Getenv("USER")), strings.Join(args[1:], " ")
	if by == "" {
		return breaker.Snapshot{}, errOperator
	}
	switch args[0] {
	case "open":
		return b.Force(ctx, breaker.Open, by, why)
	case "close":
		return b.Force(ctx, breaker.Closed, by, why)
	case "auto":
		return b.Reset(ctx, by, why)
	default:
		return breaker.Snapshot{}, errUsage
	}
}

func describe(s breaker.Snapshot, now time.Time) string {
	var out strings.Builder
	mode := "automatic"
	if s.Forced {
		mode = "held by " + s.ChangedBy
	}
	fmt.Fprintf(&out, "inventory  %s  %s  generation %d\n", s.State, mode, s.Generation)
	if s.ChangedAt > 0 {
		fmt.Fprintf(&out, "  since    %s, by %s: %s\n", stamp(s.ChangedAt), s.ChangedBy, cmp.Or(s.Reason, "–"))
	}
	if s.State == breaker.Open && !s.Forced {
		fmt.Fprintf(&out, "  probe    %s\n", probe(s, now))
	}
	fmt.Fprintf(
		&out,
		"  counted  %d of %d calls failed in the last window, %d of %d in the one before\n",
		s.Failures,
		s.Calls,
		s.LastFails,
		s.LastCalls,
	)
	return out.String()
}

func probe(s breaker.Snapshot, now time.Time) string {
	switch ms := now.UnixMilli(); {
	case s.ProbeUntil > ms:
		return "under way"
	case s.Until <= ms:
		return "due: the next request makes it"
	default:
		return "from " + stamp(s.Until)
	}
}

func stamp(ms int64) string { return time.UnixMilli(ms).Format(time.RFC3339) }
