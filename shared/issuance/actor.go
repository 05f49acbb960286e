package issuance

import (
	"strings"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
)

// Actor is who caused a request. The saga keeps it from its first write on, and the audit log
// names it. The zero Actor is a caller that is not known.
//
// Only a verified token names a client. Accept writes it into the saga that it opens, and the run
// of the message takes that saga over, so no message has to name a client, and none can: a field
// for it would be an unknown one. A message of a request that was not accepted is named by the way
// it came:
//
//   - rule:order-completed, if it has the form of an EventBridge event. The rule gives it that form;
//     the producer of the event writes the detail alone. A principal with sqs:SendMessage on the
//     queue could imitate it. The template grants that to create-invoice alone (TestSenders of
//     package infra).
//   - queue:AROA… otherwise: the unique id of the IAM user or role that sent it, which SQS reports.
//     For a dead letter that was redriven, this is the operator.
type Actor struct {
	name   string
	queued bool // the request came by the queue
}

// maxActor bounds an actor's name in bytes. A client's id has at most 64, an IAM id at most 128.
const maxActor = 128

// ruleActor is the actor of what the rule OrderCompleted sends from the bus to the queue.
const ruleActor = "rule:order-completed"

// Client returns the actor of a client that was verified by its token; the zero Actor for
// an empty id.
func Client(id string) Actor { return Actor{name: bounded(id)} }

// SentBy returns the actor of the message. senderID is the attribute SenderId that SQS gave it, or
// empty. The name of a role's session, behind a colon, is left out: it may be an e-mail address.
func (m Message) SentBy(senderID string) Actor {
	if m.isEvent {
		return Actor{name: ruleActor, queued: true}
	}
	principal, _, _ := strings.Cut(senderID, ":")
	return Actor{name: bounded(strings.TrimSuffix("queue:"+principal, ":")), queued: true}
}

func bounded(name string) string { return name[:min(len(name), maxActor)] }

// largeRequest is the size of a request, in bytes of its canonical form, beyond which its replays read. A
// request of fewer lines than about a hundred is smaller: it is issued with one call less, and its
// answer takes a few kilobytes.
const largeRequest = 16 << 10

// begin returns what the actor opens the saga of a request with.
func (by Actor) begin(req gst.Request, canonical []byte) saga.BeginInput {
	return saga.BeginInput{
		MerchantID: req.SellerMerchantID, Reserves: len(req.StockLines()) > 0, Actor: by.name, Queued: by.queued,
		Large: len(canonical) > largeRequest,
	}
}
