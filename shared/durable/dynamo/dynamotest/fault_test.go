package dynamotest_test

import (
	"fmt"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// The second write lands, but its reply is lost.
func ExampleNth() {
	hook, reached := dynamotest.Nth(2, true)
	for range 3 {
		apply, err := hook("PutItem")
		fmt.Println(apply, err)
	}
	fmt.Println(reached())
	// Output:
	// true <nil>
	// true the connection was lost
	// true <nil>
	// true
}
