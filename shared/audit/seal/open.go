package seal

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/receipt"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/retention"
)

// Names are those of what a deployment's log consists of.
type Names struct{ Table, Bucket, Key, Origin string }

// ReadNames reads the names from the environment.
func ReadNames(vars *env.Reader) Names {
	return Names{
		Table: vars.Required(deployment.AuditTable), Bucket: vars.Required(deployment.AuditBucket),
		Key: vars.Required(deployment.AuditKey), Origin: vars.Required(deployment.AuditOrigin),
	}
}

// Deployed is the log of a deployment.
type Deployed struct {
	*audit.Log

	names Names
	kms   *kms.Client
	s3    *s3.Client
	now   func() time.Time

	mu   sync.Mutex
	open *Log
}

// NewDeployed returns the log of a deployment.
func NewDeployed(cfg aws.Config, db audit.API, names Names, now func() time.Time) *Deployed {
	return &Deployed{
		Log: audit.New(db, audit.Config{Table: names.Table, Now: now}), names: names, now: now,
		kms: kms.NewFromConfig(cfg),
		s3: s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.UsePathStyle = o.BaseEndpoint != nil // an emulator has no name for each bucket
		}),
	}
}

// Open returns the log with its key, which it reads once.
func (d *Deployed) Open(ctx context.Context) (*Log, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open != nil {
		return d.open, nil
	}
	public, err := d.kms.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &d.names.Key})
	if err != nil {
		return nil, fmt.Errorf("read the key of the audit log: %w", err)
	}
	key, err := receipt.NewKey(d.names.Origin, public.PublicKey)
	if err != nil {
		return nil, err
	}
	objects := Bucket{S3: d.s3, Name: d.names.Bucket, KeepUntil: func() time.Time { return keepUntil(d.now()) }}
	d.open = &Log{Order: d.Log, Objects: objects, Key: key, Sign: d.sign}
	return d.open, nil
}

// sign returns the signature of a SHA-256 digest in DER.
func (d *Deployed) sign(ctx context.Context, digest []byte) ([]byte, error) {
	out, err := d.kms.Sign(ctx, &kms.SignInput{
		KeyId: &d.names.Key, Message: digest, MessageType: types.MessageTypeDigest,
		SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256,
	})
	if err != nil {
		return nil, err
	}
	return out.Signature, nil
}

// keepUntil returns until when what becomes final now is kept: a year longer than any document that is
// issued by now, so that each can be proved for as long as it is kept.
func keepUntil(now time.Time) time.Time {
	last := retention.Keep(gst.DayInIndia(now), "").Until
	t, err := time.Parse(time.DateOnly, string(last))
	if err != nil {
		panic("seal: " + err.Error()) // Keep returns a day
	}
	return t.AddDate(1, 0, 1)
}
