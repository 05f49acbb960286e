package caller

import (
	"context"
	"slices"
)

// Principal is the verified caller of a request.
type Principal struct {
	Client string
	Tenant Tenant
	Role   Role
	Scopes []string
}

// NewPrincipal returns a caller with scopes; an operator is one for every merchant.
func NewPrincipal(client string, r Role, merchantID string, scopes []string) Principal {
	return Principal{
		Client: client, Role: r, Scopes: scopes, Tenant: Tenant{merchantID: merchantID, all: r == Operator},
	}
}

// May reports whether the caller has a scope.
func (p Principal) May(scope string) bool { return slices.Contains(p.Scopes, scope) }

type principalKey struct{}

// NewContext returns a context with the caller of a request.
func NewContext(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// From returns the caller of a request; without one, a Principal that may do nothing.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}

// TenantOf returns whom the request of a context is for. Named is the merchant that the request
// names itself, empty if it names none. Errors are *problem.Error: 403 for another merchant than
// the caller's, 400 if an operator names none.
func TenantOf(ctx context.Context, named string) (Tenant, error) {
	return From(ctx).Tenant.narrow(named)
}
