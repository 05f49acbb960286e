// Package queue handles a batch of SQS messages, side by side and each on its
// own: what is done is deleted, what failed comes back, what can never succeed
// goes to the dead letter queue with its reason, and none holds up another.
//
// A message that this package dead-letters keeps its body as it was; the reason
// is in its attributes. So a redrive sends the body alone, however often it goes
// round, and nothing nests.
package queue
