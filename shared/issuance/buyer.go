package issuance

import (
	"context"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/privacy"
)

// buyer is whose key seals the contact of the invoice; the zero value if it has none.
type buyer struct {
	subject string
	key     privacy.Key
	isNew   bool // the commit puts the key, if the buyer has none by then
}

// buyerRead is the result of reading the buyer.
type buyerRead struct {
	buyer buyer
	err   error
}

// readBuyer reads the buyer's key concurrently with Begin, so it adds no latency. Nothing is read for
// an invoice without a contact. The key is never a remembered one: after an erasure there is another.
func (a *attempt) readBuyer(ctx context.Context) <-chan buyerRead {
	return concurrently(func() buyerRead {
		identifier, merchantID := a.req.BuyerIdentifier(), a.req.SellerMerchantID
		if identifier == "" {
			return buyerRead{}
		}
		subject, err := a.Buyers.Subject(ctx, merchantID, identifier)
		if err != nil {
			return buyerRead{err: err}
		}
		key, err := a.Buyers.Key(ctx, merchantID, subject)
		if err == nil && len(key) == 0 {
			return buyerRead{buyer: buyer{subject: subject, key: privacy.NewKey(), isNew: true}}
		}
		return buyerRead{buyer{subject: subject, key: key}, err}
	})
}

// identify takes over what was read of the buyer.
func (a *attempt) identify(read buyerRead) error {
	if read.err != nil {
		return unavailable("the key of the buyer's contact could not be read", "", read.err)
	}
	a.buyer = read.buyer
	return nil
}

// meetBuyer decides after a commit whose new key was refused: another invoice has just given the buyer
// one, which seals this contact too. It reports whether that was the case.
func (a *attempt) meetBuyer(err error) (bool, error) {
	item, refused := dynamo.ConditionFailedAt(err, a.buyerAt())
	if !a.buyer.isNew || !refused {
		return false, nil
	}
	key, err := a.Buyers.KeyInForce(item)
	if err == nil && len(key) > 0 {
		a.buyer.key, a.buyer.isNew = key, false
	}
	return true, err
}
