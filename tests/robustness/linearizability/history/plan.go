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
	recent        = 20 // number of latest requests to repeat, read or conflict with
)

// planner draws operations from a seed. A repeated request follows its first soon enough
// to meet it while it runs.
type planner struct {
	rand     *rand.Rand
	run      string // makes merchants and keys unique to the run
	sellers  []seller
	requests []Op // the first of each key
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
		if (op.Kind == Create || op.Kind == Count) && p.rand.Float64() < p.tight {
			op.Patience = time.Duration(1+p.rand.IntN(60)) * time.Millisecond
		}
		ops = append(ops, op)
	}
	return ops
}

func (p *planner) next() Op {
	share := p.rand.IntN(100)
	switch {
	case len(p.requests) == 0 || share < 30:
		return p.request(false)
	case share < 50:
		return p.request(true)
	case share < 62:
		return p.earlier(recent)
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
	default:
		return p.stock(Count, p.rand.IntN(2*firstStock))
	}
}

func (p *planner) seller() seller { return p.sellers[p.rand.IntN(len(p.sellers))] }

func (p *planner) sku(s seller) string { return s.skus[p.rand.IntN(len(s.skus))] }

// request is a create with a new key, and a number from the series if allocated.
func (p *planner) request(allocated bool) Op {
	s, n := p.seller(), len(p.requests)
	op := Op{
		Kind: Create, Merchant: s.merchant, Key: p.key(n), Payload: fmt.Sprintf("request %d", n),
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

// key returns a UUID (version 8, RFC 9562) that identifies the request.
func (p *planner) key(n int) string {
	return fmt.Sprintf("%08x-0000-8000-8000-%012d", digest32(p.run), n)
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

// clash is a create with the number of an earlier request in the other case.
func (p *planner) clash() Op {
	op := p.request(false)
	for range recent {
		if rival := p.earlier(recent); rival.Number != "" && rival.Merchant == op.Merchant && rival.of != op.of {
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

// readBack reads the invoice or saga of an earlier request. If its id is still unknown when
// the operation runs, resolve replaces it by a read of its number or of a SKU.
func (p *planner) readBack() Op {
	op := p.earlier(recent)
	op.Kind = []string{Read, Find, Saga}[p.rand.IntN(3)]
	return op
}

func (p *planner) stock(kind string, n int) Op {
	s := p.seller()
	return Op{Kind: kind, Merchant: s.merchant, SKU: p.sku(s), Quantity: n}
}
