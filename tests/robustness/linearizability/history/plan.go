package history

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// shop is one merchant of a run, with the SKUs that are fought over.
type shop struct {
	merchant string
	skus     []string
}

const (
	series     = "S"
	shops      = 2
	skusOfShop = 3
	firstStock = 40
	recent     = 20 // requests that are repeated, read, or clashed with
)

// planner draws operations from a seed. Which requests meet is drawn too: one that
// is repeated follows its first soon enough to be still running.
type planner struct {
	rand     *rand.Rand
	run      string // makes merchants and keys new in each run
	shops    []shop
	requests []Op // the first of each key
	tight    float64
}

func newPlanner(seed uint64, run string, tight float64) *planner {
	p := &planner{rand: rand.New(rand.NewPCG(seed, 1)), run: run, tight: tight}
	for i := range shops {
		s := shop{merchant: fmt.Sprintf("verify-%s-%d", run, i)}
		for j := range skusOfShop {
			s.skus = append(s.skus, fmt.Sprintf("SKU-%d", j))
		}
		p.shops = append(p.shops, s)
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
	case share < 68: // most likely at the same time
		return p.earlier(1)
	case share < 73:
		return p.otherPayload()
	case share < 78:
		return p.clash()
	case share < 90:
		return p.look()
	case share < 96:
		return p.onShelf(Stock, 0)
	default:
		return p.onShelf(Count, p.rand.IntN(2*firstStock))
	}
}

func (p *planner) shop() shop { return p.shops[p.rand.IntN(len(p.shops))] }

func (p *planner) sku(s shop) string { return s.skus[p.rand.IntN(len(s.skus))] }

// request is one under a key of its own.
func (p *planner) request(allocated bool) Op {
	s, n := p.shop(), len(p.requests)
	op := Op{Kind: Create, Merchant: s.merchant, Key: p.key(n), Payload: fmt.Sprintf("request %d", n), Quantity: 1 + p.rand.IntN(4), of: n}
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

// key is a UUID (version 8, RFC 9562) that tells the request.
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

// clash wants a number that an earlier request has, in other letters.
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

// look reads what an earlier request has made. What is not known when its turn
// comes is looked for by its number, or its SKU.
func (p *planner) look() Op {
	op := p.earlier(recent)
	op.Kind = []string{Read, Find, Saga}[p.rand.IntN(3)]
	return op
}

func (p *planner) onShelf(kind string, n int) Op {
	s := p.shop()
	return Op{Kind: kind, Merchant: s.merchant, SKU: p.sku(s), Quantity: n}
}
