package history

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// seller is a merchant of the run with its contended SKUs.
type seller struct {
	merchant string
	skus     []string
}

const (
	series        = "S"
	sellers       = 2
	skusPerSeller = 3
	firstStock    = 40
	recent        = 20 // number of latest requests to repeat, read, cancel or conflict with
	recentCancels = 8  // the same of cancellations
)

// planner draws operations from a seed. A repeated request follows its first soon enough
// to meet it while it runs.
type planner struct {
	rand     *rand.Rand
	run      string // makes merchants and keys unique to the run
	sellers  []seller
	requests []Op // the first of each key
	cancels  []Op // the first of each key
	follow   []Op // to come next
	tight    float64
}

func newPlanner(seed uint64, run string, tight float64) *planner {
	p := &planner{rand: rand.New(rand.NewPCG(seed, 1)), run: run, tight: tight}
	for i := range sellers {
		s := seller{merchant: fmt.Sprintf("verify-%s-%d", run, i)}
		for j := range skusPerSeller {
			s.skus = append(s.skus, fmt.Sprintf("SKU-%d", j))
		}
		p.sellers = append(p.sellers, s)
	}
	return p
}

func (p *planner) plan(n int) []Op {
	ops := make([]Op, 0, n)
	for range n {
		op := p.next()
		if (op.keyed() || op.Kind == Count) && p.rand.Float64() < p.tight {
			op.Patience = time.Duration(1+p.rand.IntN(60)) * time.Millisecond
		}
		ops = append(ops, op)
	}
	return ops
}

func (p *planner) next() Op {
	if len(p.follow) > 0 {
		op := p.follow[0]
		p.follow = p.follow[1:]
		return op
	}
	share := p.rand.IntN(108)
	switch {
	case len(p.requests) == 0 || share < 30:
		return p.request(false)
	case share < 50:
		return p.request(true)
	case share < 58:
		return p.earlier(recent)
	case share < 62:
		return p.perhapsCancelled()
	case share < 68: // most likely concurrently
		return p.earlier(1)
	case share < 73:
		return p.otherPayload()
	case share < 78:
		return p.clash()
	case share < 90:
		return p.readBack()
	case share < 96:
		return p.stock(Stock, 0)
	case share < 100:
		return p.stock(Count, p.rand.IntN(2*firstStock))
	default:
		return p.cancel()
	}
}

func (p *planner) seller() seller { return p.sellers[p.rand.IntN(len(p.sellers))] }

func (p *planner) sku(s seller) string { return s.skus[p.rand.IntN(len(s.skus))] }

// request is a create with a new key, and a number from the series if allocated.
func (p *planner) request(allocated bool) Op {
	s, n := p.seller(), len(p.requests)
	op := Op{
		Kind: Create, Merchant: s.merchant, Key: p.key(Create, n), Payload: fmt.Sprintf("request %d", n),
		Quantity: 1 + p.rand.IntN(4), of: n,
	}
	if p.rand.IntN(10) < 8 {
		op.SKU = p.sku(s)
	}
	if allocated {
		op.Series = series
	} else {
		op.Number = fmt.Sprintf("Own-%d", n)
	}
	p.requests = append(p.requests, op)
	return op
}

// key returns a UUID (version 8, RFC 9562) that identifies the nth request of a kind.
func (p *planner) key(kind string, n int) string {
	return fmt.Sprintf("%08x-0000-8000-8000-%012d", digest32(p.run+kind), n)
}

func digest32(s string) uint32 {
	var n uint32
	_, _ = fmt.Sscanf(digest([]byte(s))[:8], "%08x", &n)
	return n
}

func (p *planner) earlier(among int) Op {
	n := len(p.requests)
	return p.requests[n-1-p.rand.IntN(min(n, among))]
}

func (p *planner) otherPayload() Op {
	op := p.earlier(recent)
	op.Payload += ", changed"
	return op
}

// clash is a create with the number of an earlier request in the other case, often of one that
// is cancelled.
func (p *planner) clash() Op {
	op := p.request(false)
	for range recent {
		if rival := p.perhapsCancelled(); rival.Number != "" && rival.Merchant == op.Merchant && rival.of != op.of {
			op.Number = swapCase(rival.Number)
			break
		}
	}
	p.requests[op.of] = op
	return op
}

func swapCase(s string) string {
	if strings.ToUpper(s) == s {
		return strings.ToLower(s)
	}
	return strings.ToUpper(s)
}

// readBack reads the invoice or saga of an earlier request or cancellation. If its id is still
// unknown when the operation runs, resolve replaces it by a read of its number or of a SKU.
func (p *planner) readBack() Op {
	op, kind := p.earlier(recent), []string{Read, Find, Saga}[p.rand.IntN(3)]
	if len(p.cancels) > 0 && p.rand.IntN(2) == 0 {
		op = p.earlierCancel()
		if kind != Saga {
			op = p.requests[op.of]
		}
	}
	op.Kind = kind
	return op
}

func (p *planner) stock(kind string, n int) Op {
	s := p.seller()
	return Op{Kind: kind, Merchant: s.merchant, SKU: p.sku(s), Quantity: n}
}
