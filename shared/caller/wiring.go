package caller

import (
	"context"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
)

// Names are the tables and the issuer that a guard needs.
type Names struct{ Keys, Limits, Issuer string }

// ReadNames reads them.
func ReadNames(vars *env.Reader) Names {
	return Names{
		Keys: vars.Required(deployment.KeysTable), Limits: vars.Required(deployment.LimitsTable),
		Issuer: vars.Required(deployment.Issuer),
	}
}

// Database is the subset of the DynamoDB client that a guard uses.
type Database interface {
	API
	limit.API
}

// NewGuard returns the guard of a function, and begins to read the keys.
func NewGuard(ctx context.Context, rt function.Runtime, db Database, n Names) Guard {
	keys := NewStore(db, n.Keys, rt.Now)
	v := NewVerifier(Config{Issuer: n.Issuer, Audience: Audience, Load: keys.Known, Now: rt.Now})
	v.Start(ctx)
	return Guard{Verifier: v, Limits: NewLimiter(rt, db, n, limit.PerMerchant()), Log: rt.Log}
}

// NewActs returns what records the administrative acts of a function in the audit log, by its queue.
func NewActs(rt function.Runtime, queue string) Acts {
	return Acts{Queue: function.NewProducer(sqs.NewFromConfig(rt.AWS), queue), Now: rt.Now, Log: rt.Log}
}

// NewLimiter returns the limiter of a policy. A settlement that fails is logged.
func NewLimiter(rt function.Runtime, db limit.API, n Names, p limit.Policy) *limit.Limiter {
	return limit.New(limit.Config{
		Policy: p, Settle: limit.NewStore(db, n.Limits, rt.Now).Settle, Now: rt.Now,
		OnFailure: func(ctx context.Context, err error) {
			rt.Log.WarnContext(ctx, "rate not settled", slog.String("error", err.Error()))
		},
	})
}
