// Package queue handles the messages of an SQS batch concurrently and independently: a
// message that succeeds is deleted, one that fails is received again after a backoff, and
// one that can never succeed goes to the dead letter queue with its reason.
//
// A message that this package dead-letters keeps its body; the reason is in its
// attributes. So a redrive sends the body alone, and repeated redrives do not nest.
package queue
