package stack

import (
	"context"
	"maps"
	"net/http"
	"sync"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function/env"
)

// DemoMerchant is the merchant that `make up` creates. The local gateway signs a request
// without a token in as its admin.
const DemoMerchant = "merchant-123"

// Credentials are a client's.
type Credentials struct{ ID, Secret string }

// merchants caches the clients of merchants, so that a merchant has one in each process.
type merchants struct {
	mu          sync.Mutex
	credentials map[string]Credentials
	clients     map[string]*client.Client
}

// bursts is the rate of a test's merchant: tests send faster than a merchant may by its plan.
const bursts = 2000

// NewMerchant creates a merchant, or changes its profile, as the operator does, and raises its
// rate. It returns a client that acts as the merchant.
func (s *Stack) NewMerchant(ctx context.Context, id, gstin, compliance string) (*client.Client, error) {
	profile := map[string]any{"name": "Test Traders", "gstin": gstin, "compliance": compliance}
	if err := s.AsOperator.Put(ctx, "/merchants/"+id, profile); err != nil {
		return nil, err
	}
	key, rate := limit.PerMerchant().Key(id), limit.Rate{PerSecond: bursts, Burst: bursts}
	if _, err := s.Operator.Limits.SetRate(ctx, key, rate, "tests", "bursts"); err != nil {
		return nil, err
	}
	return s.As(ctx, id)
}

// As returns a client that acts as the admin of a merchant, whether or not that exists.
func (s *Stack) As(ctx context.Context, merchantID string) (*client.Client, error) {
	s.merchants.mu.Lock()
	defer s.merchants.mu.Unlock()
	if c := s.merchants.clients[merchantID]; c != nil {
		return c, nil
	}
	created, secret, err := s.Operator.Callers.CreateClient(ctx, caller.NewClient(merchantID, caller.Admin), caller.Test)
	if err != nil {
		return nil, err
	}
	return s.merchants.add(s.Client, merchantID, Credentials{created.ID, secret}), nil
}

// Over is As over another transport. Both share their tokens.
func (s *Stack) Over(ctx context.Context, transport *http.Client, merchantID string) (*client.Client, error) {
	c, err := s.As(ctx, merchantID)
	if err != nil {
		return nil, err
	}
	over := *c
	over.HTTP = transport
	return &over, nil
}

// Credentials returns those of the merchants that As was called for, by their ids.
func (s *Stack) Credentials() map[string]Credentials {
	s.merchants.mu.Lock()
	defer s.merchants.mu.Unlock()
	return maps.Clone(s.merchants.credentials)
}

func (m *merchants) add(api *client.Client, merchantID string, of Credentials) *client.Client {
	m.credentials[merchantID] = of
	m.clients[merchantID] = api.WithCredentials(of.ID, of.Secret)
	return m.clients[merchantID]
}

// openCallers makes the clients whose credentials stack.env has.
func (s *Stack) openCallers(vars *env.Reader) {
	s.AsOperator = s.WithCredentials(
		vars.Required(deployment.OperatorClientID), vars.Required(deployment.OperatorClientSecret))
	s.merchants = &merchants{credentials: map[string]Credentials{}, clients: map[string]*client.Client{}}
	s.merchants.add(s.Client, DemoMerchant,
		Credentials{vars.Required(deployment.ClientID), vars.Required(deployment.ClientSecret)})
}
