package history

import "github.com/invochain/invochain/shared/gst"

// cancel is a cancellation of an earlier request's invoice, or of one that is cancelled already:
// by the same request, with another reason under the same key, or by another one.
func (p *planner) cancel() Op {
	share := p.rand.IntN(10)
	if len(p.cancels) == 0 || share < 6 {
		op := p.cancellation(p.earlier(recent))
		switch p.rand.IntN(4) {
		case 0, 1: // concurrently
			p.follow = append(p.follow, p.rival(op))
		case 2:
			p.follow = append(p.follow, op)
		}
		return op
	}
	op := p.earlierCancel()
	switch share {
	case 6:
		return p.rival(op)
	case 7:
		op.Payload = otherReason(op.Payload)
	}
	return op
}

// cancellation is a cancel of a request's invoice with a new key.
func (p *planner) cancellation(of Op) Op {
	reasons := gst.CancellationReasons()
	op := Op{
		Kind: Cancel, Merchant: of.Merchant, Key: p.key(Cancel, len(p.cancels)), SKU: of.SKU, Quantity: of.Quantity,
		Payload: reasons[p.rand.IntN(len(reasons))], of: of.of,
	}
	p.cancels = append(p.cancels, op)
	return op
}

// rival is a cancel of the same invoice with another key and reason.
func (p *planner) rival(other Op) Op {
	op := p.cancellation(other)
	op.Payload = otherReason(other.Payload)
	p.cancels[len(p.cancels)-1] = op
	return op
}

func otherReason(reason string) string {
	if reason == gst.OtherReason {
		return gst.Duplicate
	}
	return gst.OtherReason
}

// perhapsCancelled is an earlier request, half of the time one with a cancellation.
func (p *planner) perhapsCancelled() Op {
	if len(p.cancels) > 0 && p.rand.IntN(2) == 0 {
		return p.requests[p.earlierCancel().of]
	}
	return p.earlier(recent)
}

func (p *planner) earlierCancel() Op {
	n := len(p.cancels)
	return p.cancels[n-1-p.rand.IntN(min(n, recentCancels))]
}
