package caller

import "slices"

// Role is what a client is to its merchant, or to the platform.
type Role string

// Roles.
const (
	Admin      Role = "admin"      // everything of its merchant
	Clerk      Role = "clerk"      // issues invoices
	Accountant Role = "accountant" // reads invoices and the audit log
	Auditor    Role = "auditor"    // reads the audit log and invoices
	Operator   Role = "operator"   // runs the platform; belongs to no merchant and reads no invoice
)

// Roles lists all roles.
func Roles() []Role { return []Role{Admin, Clerk, Accountant, Auditor, Operator} }

// Scopes returns what a role may do; nil for an unknown role.
func (r Role) Scopes() []string {
	switch r {
	case Admin:
		return []string{
			"invoices:read", "invoices:write", "stock:read", "stock:write", "merchant:read", "merchant:write",
			"audit:read", "privacy:read", "privacy:write", "clients:read", "clients:write",
		}
	case Clerk:
		return []string{"invoices:read", "invoices:write", "stock:read", "merchant:read"}
	case Accountant:
		return []string{"invoices:read", "audit:read", "merchant:read"}
	case Auditor:
		return []string{"audit:read", "invoices:read"}
	case Operator:
		return []string{"ops:read", "ops:write", "merchants:write", "clients:read", "clients:write"}
	default:
		return nil
	}
}

// grants reports whether the role has all of the scopes.
func (r Role) grants(scopes []string) bool {
	return !slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(r.Scopes(), s) })
}
