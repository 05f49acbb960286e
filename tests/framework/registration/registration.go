// Package registration invents GST registrations for the merchants of tests: a GSTIN belongs to
// one merchant.
package registration

import (
	"crypto/sha256"
	"fmt"

	"github.com/invochain/invochain/shared/gst"
)

// GSTIN returns the registration of a merchant in a state, such as "27": the same for the same
// merchant, and in practice another for each.
func GSTIN(state, merchantID string) string {
	sum := sha256.Sum256([]byte(merchantID))
	letter := func(i int) byte { return 'A' + sum[i]%26 }
	digits := (int(sum[8])<<8 | int(sum[9])) % 10_000
	// The fourth letter of a PAN is the kind of holder: P is a person.
	pan := fmt.Sprintf("%c%c%cP%c%04d%c", letter(0), letter(1), letter(2), letter(3), digits, letter(4))
	g := gst.GSTIN(state + pan + "1Z0")
	return string(g[:14]) + string(g.CheckCharacter())
}
