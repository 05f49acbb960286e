package main

import (
	"context"
	"fmt"

	"github.com/invochain/invochain/shared/operations"
)

// parseMigrate parses `migrate`.
func parseMigrate(args []string) (command, error) {
	if len(args) > 0 {
		return nil, errUsage
	}
	return migrate, nil
}

// migrate brings records of an earlier version up to date, for as long as its scans take: it lists
// stock, moves the merchants' hash chains into the audit log, and claims their GSTINs. Of merchants that
// share one only one can keep it.
func migrate(ctx context.Context, s *operations.System) error {
	ctx = context.WithoutCancel(ctx)
	n, err := s.Stock.Run(ctx)
	fmt.Printf("%d SKUs added to the list of stock\n", n)
	if err != nil {
		return err
	}
	chains, err := s.Chains.Run(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%d merchants' hash chains are in the audit log\n", chains)
	conflicts, err := s.ClaimGSTINs(ctx)
	if err != nil {
		return err
	}
	for _, p := range conflicts {
		fmt.Printf("merchant %s has GSTIN %s, which another merchant has claimed\n", p.ID, p.GSTIN)
	}
	if len(conflicts) > 0 {
		return fmt.Errorf("%d merchants share a GSTIN; correct it with PUT /merchants/{id}, then run this again",
			len(conflicts))
	}
	fmt.Println("every merchant has claimed its GSTIN")
	return nil
}
