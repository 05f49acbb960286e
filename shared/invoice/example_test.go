package invoice_test

import (
	"fmt"

	"github.com/invochain/invochain/shared/invoice"
)

// A saga's invoice has the same id whenever it is computed.
func ExampleIDFromSaga() {
	fmt.Println(invoice.IDFromSaga("saga-1"))
	fmt.Println(invoice.IDFromSaga("saga-1") == invoice.IDFromSaga("saga-2"))
	// Output:
	// dd90f299-b704-845d-ba15-909ea4588eea
	// false
}
