package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/operations"
)

// parseBreaker parses `breaker`. The operator's name comes from OPERATOR, else USER.
func parseBreaker(args []string) (command, error) {
	if len(args) > 0 {
		if args[0] != "open" && args[0] != "close" && args[0] != "auto" {
			return nil, errUsage
		}
		err := need("make breaker-"+args[0]+` WHY="…" OPERATOR=name`, argument{"OPERATOR", operator(os.Getenv("OPERATOR"))})
		if err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, s *operations.System) error { return showBreaker(ctx, s, args) }, nil
}

// showBreaker prints the inventory's breaker, after changing it if args say so: open, close
// or auto, and why.
func showBreaker(ctx context.Context, s *operations.System, args []string) error {
	snapshot, err := changeBreaker(ctx, s, args)
	if err == nil {
		fmt.Print(describe(snapshot, time.Now()))
	}
	return err
}

func changeBreaker(ctx context.Context, s *operations.System, args []string) (breaker.Snapshot, error) {
	if len(args) == 0 {
		return s.Breaker.Read(ctx)
	}
	by := operations.By{Operator: operator(os.Getenv("OPERATOR")), Why: strings.Join(args[1:], " ")}
	switch args[0] {
	case "open":
		return s.ForceBreaker(ctx, breaker.Open, by)
	case "close":
		return s.ForceBreaker(ctx, breaker.Closed, by)
	default:
		return s.ResetBreaker(ctx, by)
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
