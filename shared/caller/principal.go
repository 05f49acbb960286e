package caller

import "slices"

// Tenant is a merchant that a caller was verified to act for. Only a Verifier makes one that
// is not zero, so a function that takes a Tenant cannot be given a merchant's id from a request.
type Tenant struct{ merchantID string }

// ID returns the merchant's id; empty for the zero Tenant, which an operator has.
func (t Tenant) ID() string { return t.merchantID }

// Principal is the verified caller of a request.
type Principal struct {
	Client   string
	Merchant Tenant
	Role     Role
	Scopes   []string
}

// May reports whether the caller has a scope.
func (p Principal) May(scope string) bool { return slices.Contains(p.Scopes, scope) }
