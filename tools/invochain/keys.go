package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/operations"
)

// identityAct is the record of what an operator did to a key or a client.
type identityAct struct {
	Time     time.Time `json:"time"`
	Act      string    `json:"act"`
	Operator string    `json:"operator"`
	Why      string    `json:"why,omitempty"`
	Key      string    `json:"key,omitempty"`
	Client   string    `json:"client,omitempty"`
}

func (a identityAct) print(now time.Time, by operations.By) {
	a.Time, a.Operator, a.Why = now.UTC(), by.Operator, by.Why
	_ = json.NewEncoder(os.Stdout).Encode(a) // a record that cannot be printed undoes nothing
}

// parseKeys parses `keys`.
func parseKeys(args []string) (command, error) {
	switch {
	case len(args) == 0:
		return listKeys, nil
	case len(args) == 1 && args[0] == "rotate":
		by := byEnvironment()
		return rotateKeys(by), need("OPERATOR=name invochain keys rotate", argument{"OPERATOR", by.Operator})
	case len(args) >= 1 && args[0] == "withdraw":
		key, by := "", byEnvironment()
		if len(args) > 1 {
			key, by.Why = args[1], strings.Join(args[2:], " ")
		}
		err := need(`OPERATOR=name invochain keys withdraw KID "why"`, argument{"KID", key}, argument{"WHY", by.Why},
			argument{"OPERATOR", by.Operator})
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, s *operations.System) error {
			answer, err := s.WithdrawKey(ctx, key, by)
			if err != nil {
				return err
			}
			identityAct{Act: "withdraw", Key: key}.print(s.Now(), by)
			fmt.Printf("%s\n", answer)
			return nil
		}, nil
	default:
		return nil, errUsage
	}
}

func listKeys(ctx context.Context, s *operations.System) error {
	known, err := s.Callers.Known(ctx)
	if err != nil {
		return err
	}
	signs, _ := known.Signing(s.Now())
	for _, key := range known.Keys {
		fmt.Printf("%s  signs %s to %s, verifies until %s%s\n", key.ID,
			stamp(key.SignsFrom.UnixMilli()), stamp(key.SignsUntil.UnixMilli()), stamp(key.VerifiesUntil.UnixMilli()),
			mark(key, signs, s.Now()))
	}
	return nil
}

// mark returns what a key is good for at a time.
func mark(key, signs caller.Key, now time.Time) string {
	switch {
	case key.ID == signs.ID:
		return "  SIGNS"
	case !now.Before(key.VerifiesUntil):
		return "  ENDED"
	default:
		return ""
	}
}

func rotateKeys(by operations.By) command {
	return func(ctx context.Context, s *operations.System) error {
		answer, err := s.RotateKeys(ctx, by)
		if err != nil {
			return err
		}
		identityAct{Act: "rotate"}.print(s.Now(), by)
		fmt.Printf("%s\n", answer)
		return nil
	}
}
