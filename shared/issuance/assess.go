package issuance

import (
	"context"
	"reflect"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

// prepare assesses a request before its key is claimed, by the profile that this instance
// remembers. It refuses a request only by the profile in force, and only if the key is
// free: a key that has an answer gets it, whatever the rules say today.
func (i *Issuer) prepare(ctx context.Context, key idempotency.Key, req gst.Request) (*attempt, error) {
	a := &attempt{Issuer: i, key: key, req: req}
	refused := a.assessBy(ctx, i.Merchants.Get)
	if problem.IsCallerFault(refused) {
		refused = a.assessBy(ctx, i.Merchants.Read)
	}
	if refused == nil {
		return a, nil
	}
	if !problem.IsCallerFault(refused) {
		return nil, unavailableUnlessKnown(refused)
	}
	free, err := i.Sagas.IsFree(ctx, key)
	if err != nil {
		return nil, unavailable("the request could not be checked", "", err)
	}
	if free {
		return nil, refused
	}
	return a, nil
}

func (a *attempt) assessBy(ctx context.Context, get func(context.Context, string) (merchant.Profile, error)) error {
	profile, err := get(ctx, a.req.SellerMerchantID)
	if err != nil {
		a.refused = err
		return err
	}
	return a.assess(profile.Seller())
}

func (a *attempt) assess(seller gst.Seller) error {
	a.seller = seller
	a.assessed, a.refused = gst.Assess(a.req, seller, gst.DayInIndia(a.Now()))
	if a.refused == nil {
		a.refused = invoice.CheckSize(a.assessed)
	}
	return a.refused
}

// profileRead is the result of reading the seller's profile.
type profileRead struct {
	profile merchant.Profile
	err     error
}

// readProfile reads the profile in force concurrently with Begin, so it adds no latency.
func (a *attempt) readProfile(ctx context.Context) <-chan profileRead {
	return concurrently(func() profileRead {
		profile, err := a.Merchants.Read(ctx, a.req.SellerMerchantID)
		return profileRead{profile, err}
	})
}

// confirm assesses the request again if the profile in force is another than the remembered
// one: a change that was acknowledged holds for every request that starts later.
func (a *attempt) confirm(read profileRead) error {
	if read.err != nil {
		return unavailableUnlessKnown(read.err)
	}
	a.sellerInUse, a.uniqueIDs = read.profile.InUse, read.profile.UniqueExternalIDs
	if reflect.DeepEqual(read.profile.Seller(), a.seller) {
		return a.refused
	}
	return a.assess(read.profile.Seller())
}
