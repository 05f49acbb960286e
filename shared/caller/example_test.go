package caller_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/invochain/invochain/shared/caller"
)

// Example verifies a token as a route does.
func Example() {
	t := &testing.T{}
	f := setup(t)
	v := caller.NewVerifier(caller.Config{Issuer: issuer, Audience: audience, Load: f.load, Now: f.clock})
	token, err := f.issuer().Token(context.Background(), clerk(), "invoices:read")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := v.Verify(context.Background(), "Bearer "+token.Access)
	fmt.Println(p.Tenant.MerchantID(), p.Role, p.May("invoices:read"), p.May("invoices:write"), err)
	_, err = v.Verify(context.Background(), "Bearer "+token.Access+"x")
	fmt.Println(err)
	// Output:
	// merchant-123 clerk true false <nil>
	// the token is not valid: signature
}
