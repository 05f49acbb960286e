// Package dynamo has the parts of DynamoDB that the packages of shared/durable have in common:
// items and their keys, conditional writes, and the classification of write errors. An error
// is one of three kinds, and each needs another reaction:
//
//   - the condition failed: inspect the item that refused the write;
//   - the write met another transaction or a throttle: try again;
//   - the outcome is unknown, since the reply was lost: read again before anything else.
package dynamo
