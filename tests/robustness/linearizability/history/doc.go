// Package history runs concurrent clients of the API, records their requests and answers,
// and uses Porcupine to search for an order of events that explains all answers. If there
// is none, a promise is broken.
//
// A history is divided into partitions that are checked alone, each with a model:
//
//	key     one key, one invoice: issued once, replayed byte for byte, refused to
//	        another payload; its saga never goes back (P1, P2). The same of a
//	        cancellation's key
//	status  of one invoice: cancelled by one request at most, never ISSUED again (P14)
//	number  belongs to one invoice, cancelled or not, compared case-insensitively (P6)
//	series  allocated in sequence from 1 in the order of time (P6)
//	stock   of one SKU: taken only if on hand, refused only if not; the sum of on hand,
//	        reserved and sold changes only by a count; what was cancelled is on hand
//	        again, once (P3)
//
// A request with an unknown outcome may take effect at any later time or never. At the end
// each client retries such requests until the outcome is known. Stock is sold, released after
// a refusal, or on hand again after a cancellation, some time after the answer; the models
// leave the time open until the end of the run, which waits for it. So the check reports no
// false violation, whatever the clients' timeouts.
//
// It assumes that only the run's clients use the run's merchants, and that no function
// stalls between two writes for longer than its saga's deadline and then continues.
package history
