// Package retention knows how long the law keeps a document, and when a buyer's contact data may go.
// The laws are data with dates: Keeping lists those that keep an invoice, and Erasure says what the law
// that an erasure was asked under demands. Days are those of India.
//
// It is not legal advice: the merchant decides (it is the fiduciary or controller), and a hold keeps
// what an appeal or an investigation needs for longer.
package retention
