package lock_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/lock"
)

// The lease that WithLock passes to its function guards each write under the lock.
func ExampleLease_Condition() {
	lease := lock.Lease{Name: "series-7", Fence: 3}
	expr, err := expression.NewBuilder().
		WithCondition(lease.Condition("fence")).
		WithUpdate(lease.SetFence("fence").Set(expression.Name("next"), expression.Value(200))).
		Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*expr.Condition())
	fmt.Print(*expr.Update())
	// Output:
	// (attribute_not_exists (#0)) OR (#0 <= :0)
	// SET #0 = :1, #1 = :2
}
