package dynamotest

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Size returns about how many bytes DynamoDB bills for a value (Developer Guide, "DynamoDB item sizes and
// formats").
func Size(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)/2 + 2
	case *types.AttributeValueMemberL:
		sum := 3
		for _, element := range v.Value {
			sum += 1 + Size(element)
		}
		return sum
	case *types.AttributeValueMemberM:
		sum := 3
		for name, member := range v.Value {
			sum += 1 + len(name) + Size(member)
		}
		return sum
	default: // a bool, or null
		return 1
	}
}
