// Package history has concurrent clients of the API ask for invoices, records what
// they ask and what they are told, and has Porcupine search an order of events that
// explains it all. If there is none, a promise was broken.
//
// A history is cut into partitions that can be judged alone, each with a model:
//
//	key     one key, one invoice: issued once, replayed byte for byte, refused to
//	        another payload; its saga only goes on (P1, P2)
//	number  given to one invoice, compared without case (P6)
//	series  allocated one after the other, from 1, in the order of time (P6)
//	stock   of one SKU: taken only if on hand, refused only if not, and the sum of
//	        what is on hand, reserved and sold changes with a count alone (P3)
//
// A request whose client does not know the outcome may have happened at any later
// time, or never: until the client asks again, which each does at the end. Stock is
// sold, and given back when an invoice was refused, some time after the answer; the
// models leave open when, until the run ends and waits for it. So the check finds no
// fault where there is none, whatever the clients' patience is.
//
// It assumes that nobody else moves the run's merchants, and that no function stalls
// for longer than its saga's deadline between two writes and then goes on.
package history
