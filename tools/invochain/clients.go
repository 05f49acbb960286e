package main

import (
	"context"
	"fmt"
	"os"
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
	by := argument{"OPERATOR", operator(os.Getenv("OPERATOR"))}
	switch args[0] {
	case "create":
		return createClient(caller.NewClient(*merchant, caller.Role(*role)), mode),
			need("invochain clients create -role admin -merchant merchant-123", argument{"ROLE", *role}, by)
	case "roll":
		return rollClient(*id, mode, *overlap), need("invochain clients roll -id cl_…", argument{"ID", *id}, by)
	case "revoke":
		return revokeClient(*id), need("invochain clients revoke -id cl_…", argument{"ID", *id}, by)
	default:
		return nil, errUsage
	}
}

func createClient(c caller.Client, mode caller.Mode) command {
	return func(ctx context.Context, s *operations.System) error {
		created, secret, err := s.Callers.CreateClient(ctx, c, mode)
		if err != nil {
			return err
		}
		identityAct{Act: "create", Client: created.ID}.print(s.Now())
		printSecret(created.ID, secret)
		return nil
	}
}

func rollClient(id string, mode caller.Mode, overlap time.Duration) command {
	return func(ctx context.Context, s *operations.System) error {
		secret, err := s.Callers.RollSecret(ctx, id, mode, overlap)
		if err != nil {
			return err
		}
		identityAct{Act: "roll", Client: id}.print(s.Now())
		printSecret(id, secret)
		fmt.Printf("the former secret ends in %s\n", overlap)
		return nil
	}
}

func revokeClient(id string) command {
	return func(ctx context.Context, s *operations.System) error {
		err := s.Callers.RevokeClient(ctx, id)
		if err == nil {
			identityAct{Act: "revoke", Client: id}.print(s.Now())
		}
		return err
	}
}

// printSecret prints a secret, which is stored nowhere.
func printSecret(id, secret string) {
	fmt.Printf("client_id      %s\nclient_secret  %s   (shown only now)\n", id, secret)
}
