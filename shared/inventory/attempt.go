package inventory

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
)

// contentionBeforeSplit is how often a reservation meets other writes at a stock item before it splits it.
const contentionBeforeSplit = 2

// attempt is the reservation of chunk i. What a try meets decides where the next one takes the stock from.
type attempt struct {
	store  *Store
	chunks []barrier
	i      int
	unsure map[string]bool    // SKUs to read before the next try
	split  map[string]reading // those that are split, as they were read
	met    map[string]int     // by SKU: tries that met other writes at its stock item
	short  []Shortage         // by a reading
}

func (s *Store) newAttempt(chunks []barrier, i int) *attempt {
	a := &attempt{
		store: s, chunks: chunks, i: i, unsure: map[string]bool{}, split: map[string]reading{}, met: map[string]int{},
	}
	c := &chunks[i]
	c.Shards, c.soldBefore = nil, map[string]money.Quantity{}
	for sku := range c.Lines {
		if !c.Returns && s.hot.has(owned{c.MerchantID, sku}) {
			a.unsure[sku] = true
		}
	}
	return a
}

// try reserves the chunk. Its error is errOvertaken if nothing was written and another try may succeed. nil
// means that the chunk is reserved, or that a reading found SKUs that are short.
func (a *attempt) try(ctx context.Context) error {
	for _, sku := range slices.Sorted(maps.Keys(a.unsure)) {
		if err := a.look(ctx, sku); err != nil {
			return err
		}
		delete(a.unsure, sku)
	}
	if len(a.short) > 0 {
		return nil
	}
	items, err := a.store.reserveItems(a.chunks, a.i)
	if err != nil {
		return err
	}
	return a.learn(len(items)-len(a.chunks[a.i].Lines), a.store.transaction(ctx, items)())
}

// learn notes what a transaction met, whose stock items begin at stockAt. It returns its error, or
// errOvertaken if the stock that refused it may be elsewhere.
func (a *attempt) learn(stockAt int, err error) error {
	c, elsewhere := a.chunks[a.i], false
	for j, sku := range c.skus() {
		_, sharded := c.Shards[sku]
		item, refused := dynamo.ConditionFailedAt(err, stockAt+j)
		switch {
		case refused && (c.Returns || sharded || item[shards] != nil):
			a.unsure[sku], elsewhere = true, true
		case dynamo.ConflictAt(err, stockAt+j) && sharded:
			c.Shards[sku], _ = a.split[sku].pick(c.Lines[sku]) // most likely another one; no need to read again
		case dynamo.ConflictAt(err, stockAt+j) && !c.Returns:
			a.unsure[sku] = true
			a.met[sku]++
		}
	}
	_, ended := dynamo.ConditionFailedAt(err, gateAt)
	_, exists := dynamo.ConditionFailedAt(err, stockAt-1)
	if elsewhere && !ended && !exists {
		return overtaken(err)
	}
	return err
}

// look reads a SKU of the chunk and decides where it is taken from.
func (a *attempt) look(ctx context.Context, sku string) error {
	c := &a.chunks[a.i]
	r, err := a.store.read(ctx, c.MerchantID, sku)
	if err != nil {
		return overtaken(err)
	}
	delete(c.Shards, sku)
	found := compare(*c, sku, r)
	isShort := found.available() < found.Wanted
	if !c.Returns {
		a.store.hot.set(owned{c.MerchantID, sku}, r.split() || isShort || a.met[sku] > 0)
	}
	switch {
	case isShort && (c.Returns || !r.split()):
		a.short = append(a.short, found)
		return nil
	case c.Returns:
		c.soldBefore[sku] = r.main.Sold
		return nil
	case r.split():
		return a.takeFromShard(ctx, sku, r)
	case a.met[sku] < contentionBeforeSplit:
		return nil
	default:
		return a.splitStock(ctx, sku, r)
	}
}

// takeFromShard chooses a shard. If none has enough it merges them, so that the stock item decides.
func (a *attempt) takeFromShard(ctx context.Context, sku string, r reading) error {
	c := &a.chunks[a.i]
	of, found := r.pick(c.Lines[sku])
	if found {
		if c.Shards == nil {
			c.Shards = map[string]shard{}
		}
		c.Shards[sku], a.split[sku] = of, r
		return nil
	}
	a.met[sku] = 0
	if err := a.store.merge(ctx, r); err != nil {
		return err
	}
	return errOvertaken
}

// splitStock splits the stock item, unless there is too little to split.
func (a *attempt) splitStock(ctx context.Context, sku string, r reading) error {
	all := a.store.shares(r.main.OnHand, a.chunks[a.i].Lines[sku])
	if all == nil {
		return nil
	}
	if err := a.store.split(ctx, r, all); err != nil {
		return err
	}
	return errOvertaken
}

// shortages returns the SKUs that refused a transaction, or that a reading found short.
func (a *attempt) shortages(ctx context.Context, stockAt int, err error) ([]Shortage, error) {
	if len(a.short) > 0 {
		short := append(a.short, a.store.moreShortages(ctx, a.chunks[a.i:], a.short)...)
		slices.SortFunc(short, func(a, b Shortage) int { return strings.Compare(a.SKU, b.SKU) })
		return short, nil
	}
	c := a.chunks[a.i]
	var short []Shortage
	for j, sku := range c.skus() {
		item, refused := dynamo.ConditionFailedAt(err, stockAt+j)
		if !refused {
			continue
		}
		r := reading{merchantID: c.MerchantID, sku: sku}
		if err := r.add(item); err != nil {
			return nil, err
		}
		short = append(short, compare(c, sku, r))
	}
	if len(short) > 0 {
		short = append(short, a.store.moreShortages(ctx, a.chunks[a.i+1:], short)...)
	}
	return short, nil
}
