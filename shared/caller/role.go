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

// Scopes. Each route needs one.
const (
	InvoicesRead  = "invoices:read"
	InvoicesWrite = "invoices:write"
	SagasRead     = "sagas:read"
	StockRead     = "stock:read"
	StockWrite    = "stock:write"
	MerchantRead  = "merchant:read"
	MerchantWrite = "merchant:write"
	ClientsRead   = "clients:read"
	ClientsWrite  = "clients:write"
	AuditRead     = "audit:read"
	PrivacyWrite  = "privacy:write"
)

// Roles lists all roles.
func Roles() []Role { return []Role{Admin, Clerk, Accountant, Auditor, Operator} }

// Scopes returns what a role may do; nil for an unknown role. An operator may do it for every
// merchant, any other role for its own.
func (r Role) Scopes() []string {
	switch r {
	case Admin:
		return []string{
			InvoicesRead, InvoicesWrite, SagasRead, StockRead, StockWrite, MerchantRead, MerchantWrite,
			ClientsRead, ClientsWrite, AuditRead, PrivacyWrite,
		}
	case Clerk:
		return []string{InvoicesRead, InvoicesWrite, SagasRead, StockRead, MerchantRead}
	case Accountant:
		return []string{InvoicesRead, SagasRead, MerchantRead, AuditRead}
	case Auditor:
		return []string{InvoicesRead, AuditRead}
	case Operator:
		return []string{SagasRead, MerchantRead, MerchantWrite, ClientsRead, ClientsWrite}
	default:
		return nil
	}
}

// grants reports whether the role has all of the scopes.
func (r Role) grants(scopes []string) bool {
	return !slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(r.Scopes(), s) })
}
