// Package invoice keeps invoices and their numbers, and issues them: Issuer runs
// the saga's forward path, Store holds what it wrote.
package invoice
