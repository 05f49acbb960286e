// Package signing makes tokens and the KMS keys that sign them. It is apart from package caller
// so that a function which only verifies tokens does not link the KMS client.
package signing
