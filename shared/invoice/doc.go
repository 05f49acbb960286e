// Package invoice stores invoices, their numbers and the series that numbers are
// allocated from. Package issuance issues them.
package invoice
