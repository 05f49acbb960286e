package history_test

import (
	"encoding/json"
	"fmt"
)

// cancel holds an invoice, and takes back later what it sold.
func (f *fake) cancel(id, key string, body []byte) (int, string, bool) {
	var in struct {
		Reason string `json:"reason"`
	}
	_ = json.Unmarshal(body, &in)
	k := f.keys[key]
	switch {
	case k != nil && k.payload != id+in.Reason:
		return problem(422, "idempotency_key_reused")
	case k != nil && f.strikes("repeats a cancellation in other words", 2):
		return 202, k.body + " ", true
	case k != nil:
		return 202, k.body, true
	case f.held[id] && !f.strikes("cancels twice", 2):
		return problem(409, "already_cancelled")
	}
	f.count++
	saga := fmt.Sprintf("saga-%d", f.count)
	answer := object(map[string]any{"saga_id": saga, "status_url": "/sagas/" + saga})
	f.held[id], f.sagas[saga], f.keys[key] = true, "CANCELLING", &keyRecord{payload: id + in.Reason, body: answer}
	sold := f.sold[id]
	if f.fault == "issues a number again" {
		delete(f.owner, sold.Merchant+f.folded(sold.Number))
	}
	f.later(saga, func() { f.takeBack(id, saga) })
	return 202, answer, false
}

// takeBack reserves what an invoice sold, and then puts it on hand and voids the number.
func (f *fake) takeBack(id, saga string) {
	in, inv := f.sold[id], f.stored[id]
	issue, _ := inv["saga_id"].(string)
	f.end[issue]()
	b, q := &[3]int{}, 0
	if item := in.Items[0]; item.SKU != "" {
		b, q = f.levels[in.Merchant+item.SKU], item.Quantity
	}
	b[1], b[2] = b[1]+q, b[2]-q
	f.later(saga, func() {
		b[1] -= q
		switch {
		case f.fault == "keeps what was cancelled":
			b[2] += q
		case f.strikes("returns stock twice", 2):
			b[0] += 2 * q
		default:
			b[0] += q
		}
		f.sagas[saga] = "COMPLETED"
		if f.fault != "voids no number" {
			inv["status"], inv["cancellation"] = "CANCELLED", map[string]any{"saga_id": saga}
		}
	})
}
