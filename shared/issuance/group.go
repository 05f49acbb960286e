package issuance

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/invoice"
)

// Bounds of a transaction. DynamoDB takes 100 items and 4 MB. A member has three items or more, and the
// series has one. Its documents are counted; the rest of a member's items is bounded by 70 KB, almost all
// of which is the refusal of an earlier attempt that its saga may keep.
const (
	maxGroup = 25 // members
	maxItems = 100
	maxBytes = 2 << 20 // of documents
)

// group is the transaction of several commits to a series, with consecutive numbers. The item that
// advances the series is the last one.
type group struct {
	start   position
	members []*member
	parts   []part // of the members
	items   []types.TransactWriteItem
	bytes   int
	keys    map[itemKey]bool
}

// part is a member's part of a transaction.
type part struct {
	from, to int // indexes of its items
	result   Result
}

// itemKey identifies an item. A transaction may have it once.
type itemKey struct{ table, pk, sk string }

func newGroup(start position) *group { return &group{start: start, keys: map[itemKey]bool{}} }

// next returns the number of the next member.
func (g *group) next() position { return g.start + position(len(g.members)) }

// holds reports whether the transaction can have a member's items too. Two notes to one original, for
// example, write the same balance: one after the other.
func (g *group) holds(t transaction) bool {
	for _, item := range t.items {
		if g.keys[keyOf(item)] {
			return false
		}
	}
	return len(g.members) == 0 || len(g.items)+len(t.items) < maxItems && g.bytes+t.bytes <= maxBytes
}

func (g *group) add(m *member, t transaction) {
	for _, item := range t.items {
		g.keys[keyOf(item)] = true
	}
	from := len(g.items)
	g.items = append(g.items, t.items...)
	g.members = append(g.members, m)
	g.parts = append(g.parts, part{from, len(g.items), t.result})
	g.bytes += t.bytes
}

// advance completes the transaction by the item of the series.
func (g *group) advance(s *invoice.Store) error {
	first := g.members[0]
	item, err := s.AdvanceSeries(scopeOf(first.draft), first.req.Series, int64(g.start), int64(g.next())-1)
	g.items = append(g.items, item)
	return err
}

// reasonsOf returns the reasons of the nth member's items, and that of its number apart.
func (g *group) reasonsOf(
	n int, all []types.CancellationReason,
) (own []types.CancellationReason, number types.CancellationReason) {
	p := g.parts[n]
	own = append(own, all[p.from:p.to]...)
	number, own[atNumber] = own[atNumber], types.CancellationReason{}
	return own, number
}

func isGiven(r types.CancellationReason) bool { return r.Code != nil && !isReason(r, "None") }

func isReason(r types.CancellationReason, code string) bool { return aws.ToString(r.Code) == code }

func keyOf(item types.TransactWriteItem) itemKey {
	switch {
	case item.Put != nil:
		return itemKeyOf(item.Put.TableName, item.Put.Item)
	default:
		return itemKeyOf(item.Update.TableName, item.Update.Key)
	}
}

func itemKeyOf(table *string, of dynamo.Item) itemKey {
	return itemKey{aws.ToString(table), dynamo.Text(of["pk"]), dynamo.Text(of["sk"])}
}
