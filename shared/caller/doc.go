// Package caller knows who calls the API: clients with secrets, the short-lived tokens that
// they get for them (RFC 9068), and what a role may do. A Verifier checks tokens without a
// call: it knows the public halves of the keys. The private halves never leave KMS; package
// signing, which hot functions do not link, signs with them.
//
// A key needs no state. Its three times say everything:
//
//	published      signs from      signs until     verifies until
//	    |---------------|---------------|---------------|
//	    known to all    signs tokens    its last tokens end
package caller
