package main

import (
	"context"
	"time"

	"cirello.io/dynamolock/v2"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/lock"
)

// locker is one contender's client of a lock library. It sends no heartbeats, so leases
// are not renewed.
type locker interface {
	acquire(ctx context.Context, name string, wait time.Duration) (release func(context.Context) error, err error)
}

func newLocker(db *dynamodb.Client, table, library string, lease time.Duration) locker {
	switch library {
	case "dynamolock":
		return newTheirs(db, table, lease, 0)
	case "dynamolock-20ms":
		return newTheirs(db, table, lease, 20*time.Millisecond)
	default:
		return ours{lock.New(db, lock.Config{Table: table, Lease: lease}, time.Now)}
	}
}

type ours struct{ *lock.Store }

func (o ours) acquire(ctx context.Context, name string, wait time.Duration) (func(context.Context) error, error) {
	l, err := o.Wait(ctx, name, wait)
	return func(ctx context.Context) error { return o.Release(ctx, l) }, err
}

type theirs struct {
	*dynamolock.Client
	refresh time.Duration // poll interval; 0 for the library's default of 1 s
}

func newTheirs(db *dynamodb.Client, table string, lease, refresh time.Duration) locker {
	c, err := dynamolock.New(db, table, dynamolock.WithPartitionKeyName("pk"), dynamolock.WithSortKey("sk", "LOCK"),
		dynamolock.WithLeaseDuration(lease), dynamolock.DisableHeartbeat())
	if err != nil {
		panic(err) // contradictory options
	}
	return theirs{c, refresh}
}

func (t theirs) acquire(ctx context.Context, name string, wait time.Duration) (func(context.Context) error, error) {
	options := []dynamolock.AcquireLockOption{dynamolock.WithAdditionalTimeToWaitForLock(wait)}
	if t.refresh > 0 {
		options = append(options, dynamolock.WithRefreshPeriod(t.refresh))
	}
	l, err := t.AcquireLockWithContext(ctx, name, options...)
	return func(ctx context.Context) error {
		_, err := t.ReleaseLockWithContext(ctx, l)
		return err
	}, err
}
