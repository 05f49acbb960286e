package conflict_test

import (
	"fmt"

	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
)

func ExampleRule() {
	var rule conflict.Rule
	invoice, number := conflict.Key{Table: "T", PK: "INVOICE#1"}, conflict.Key{Table: "T", PK: "NUMBER#1"}
	release, _ := rule.Hold([]conflict.Key{invoice, number})
	_, conflicts := rule.Hold([]conflict.Key{{Table: "T", PK: "SAGA#1"}, number})
	fmt.Println(conflicts, rule.Held(invoice))
	release()
	fmt.Println(rule.Held(invoice))
	// Output:
	// [false true] true
	// false
}
