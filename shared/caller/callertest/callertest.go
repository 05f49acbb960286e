// Package callertest gives tests of routes a caller.
package callertest

import (
	"context"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
)

// Guard returns a guard that serves every request as that of one client, with what its role may
// do; an operator has no merchant.
func Guard(r caller.Role, merchantID string) httpapi.Middleware {
	p := caller.NewPrincipal("cl_test", r, merchantID, r.Scopes())
	return func(_ httpapi.Route, next httpapi.Handler) httpapi.Handler {
		return func(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
			return next(caller.NewContext(ctx, p), r)
		}
	}
}
