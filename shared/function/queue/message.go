package queue

import (
	"bytes"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/strictjson"
)

// MaxMessage is SQS's limit of a message's body and attributes in bytes.
const MaxMessage = 1 << 20

// maxAttribute bounds the length of an attribute's value in bytes.
const maxAttribute = 256

// noncharacters are what XML 1.0, and with it SQS, refuses of the characters that JSON takes
// as they are.
const noncharacters = "\ufffe\uffff"

var escapes = strings.NewReplacer("\ufffe", `\ufffe`, "\uffff", `\uffff`)

// BodySize returns the size in bytes of JSON as the body of a message. The escape of a
// noncharacter takes six bytes instead of three.
func BodySize(json []byte) int {
	size := len(json)
	for _, r := range noncharacters {
		size += 3 * bytes.Count(json, []byte(string(r)))
	}
	return size
}

// encode returns m as JSON without the escapes for HTML: what fits a request body fits a
// message.
func encode(m any) (string, error) {
	body, err := strictjson.Marshal(m)
	return escapes.Replace(string(body)), err
}

// attributeValue returns s as an attribute's value. SQS refuses empty values and control
// characters: they become `-` and spaces.
func attributeValue(s string) types.MessageAttributeValue {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(noncharacters, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxAttribute {
		s = strings.ToValidUTF8(s[:maxAttribute], "")
	}
	if s == "" {
		s = "-"
	}
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &s}
}
