package main

import (
	"context"
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/operations"
)

// parseClients parses `clients`.
func parseClients(args []string) (command, error) {
	if len(args) == 0 {
		return nil, errUsage
	}
	f := flags("clients")
	role := f.String("role", "", "")
	merchant := f.String("merchant", "", "")
	id := f.String("id", "", "")
	overlap := f.Duration("overlap", 24*time.Hour, "")
	test := f.Bool("test", false, "")
	if err := f.Parse(args[1:]); err != nil || f.NArg() > 0 || *overlap < 0 {
		return nil, errUsage
	}
	mode := caller.Live
	if *test {
		mode = caller.Test
	}
	by := byEnvironment()
	named := argument{"OPERATOR", by.Operator}
	switch args[0] {
	case "create":
		return createClient(caller.NewClient(*merchant, caller.Role(*role)), mode, by),
			need("invochain clients create -role admin -merchant merchant-123", argument{"ROLE", *role}, named)
	case "roll":
		return rollClient(*id, mode, *overlap, by), need("invochain clients roll -id cl_…", argument{"ID", *id}, named)
	case "revoke":
		return revokeClient(*id, by), need("invochain clients revoke -id cl_…", argument{"ID", *id}, named)
	default:
		return nil, errUsage
	}
}

func createClient(c caller.Client, mode caller.Mode, by operations.By) command {
	return func(ctx context.Context, s *operations.System) error {
		secret, err := s.CreateClient(ctx, c, mode, by)
		if err != nil {
			return err
		}
		identityAct{Act: "create", Client: c.ID}.print(s.Now(), by)
		printSecret(c.ID, secret)
		return nil
	}
}

func rollClient(id string, mode caller.Mode, overlap time.Duration, by operations.By) command {
	return func(ctx context.Context, s *operations.System) error {
		secret, err := s.RollSecret(ctx, id, mode, overlap, by)
		if err != nil {
			return err
		}
		identityAct{Act: "roll", Client: id}.print(s.Now(), by)
		printSecret(id, secret)
		fmt.Printf("the former secret ends in %s\n", overlap)
		return nil
	}
}

func revokeClient(id string, by operations.By) command {
	return func(ctx context.Context, s *operations.System) error {
		err := s.RevokeClient(ctx, id, by)
		if err == nil {
			identityAct{Act: "revoke", Client: id}.print(s.Now(), by)
		}
		return err
	}
}

// printSecret prints a secret, which is stored nowhere.
func printSecret(id, secret string) {
	fmt.Printf("client_id      %s\nclient_secret  %s   (shown only now)\n", id, secret)
}
