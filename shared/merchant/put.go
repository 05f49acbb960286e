package merchant

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/resilience"
	"github.com/invochain/invochain/shared/strictjson"
)

// Indexes of the items in Put's transaction.
const (
	atProfile = iota
	atClaim
)

// Put creates or replaces a profile, and claims its GSTIN: a registration belongs to one
// merchant, so that numbers which are unique for the merchant are unique for the GSTIN (CGST
// Rules, rule 46(b)). Errors: *problem.Error gstin_taken when another merchant has the
// GSTIN; gstin_in_use when an invoice was issued under the profile's former one; those of checkClose.
// Only Put reopens months that are closed.
func (s *Store) Put(ctx context.Context, m Profile) error { return s.write(ctx, m, true) }

// Replace replaces a profile as Put does, and neither creates one nor reopens months. Errors: also
// *problem.Error of kind NotFound, and period_reopen_forbidden.
func (s *Store) Replace(ctx context.Context, m Profile) error { return s.write(ctx, m, false) }

func (s *Store) write(ctx context.Context, m Profile, create bool) error {
	const attempts = 5 // each failed attempt means that another writer changed the profile
	pause := resilience.Backoff{First: 10 * time.Millisecond, Last: 200 * time.Millisecond}
	id := rand.Text()
	var err error
	for range attempts {
		var again bool
		if again, err = s.put(ctx, id, m, create); err == nil || !again {
			return err
		}
		if err := pause.Wait(ctx); err != nil {
			return err
		}
	}
	return err
}

// put reports whether a failed attempt may be repeated: a repetition writes the same. OnChange is told
// what the write changes, because no other writer can come between.
func (s *Store) put(ctx context.Context, id string, m Profile, create bool) (again bool, err error) {
	before, writtenAt, err := s.read(ctx, m.ID)
	if err != nil && (!create || problem.KindOf(err) != problem.NotFound) {
		return false, err
	}
	moves := before.GSTIN != "" && before.GSTIN != m.GSTIN
	if moves && before.InUse {
		return false, inUse(before.GSTIN)
	}
	if err := s.checkClose(m, before, create); err != nil {
		return false, err
	}
	items, err := s.putItems(m, before, writtenAt)
	if err == nil && moves {
		items, err = s.release(ctx, items, before)
	}
	if err == nil {
		err = s.change(ctx, id, m, before)
	}
	if err != nil {
		return false, err
	}
	_, err = s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	if _, refused := dynamo.ConditionFailedAt(err, atClaim); refused {
		return false, taken(m.GSTIN)
	}
	_, changed := dynamo.ConditionFailedAt(err, atProfile)
	again = changed || dynamo.Contended(err) || dynamo.OutcomeUnknown(err)
	if err != nil {
		err = fmt.Errorf("write a merchant: %w", err)
	}
	return again, err
}

// putItems returns the items of the transaction. Its conditions hold if the profile is still the one
// that was read, if no invoice was issued under a GSTIN that is replaced, and if no other merchant has
// the new one.
func (s *Store) putItems(m, before Profile, writtenAt int64) ([]types.TransactWriteItem, error) {
	unchanged, now := dynamo.Absent(), max(s.now().UnixMilli(), writtenAt+1)
	if before.GSTIN != "" {
		unchanged = expression.Name("updated_at").Equal(expression.Value(writtenAt))
	}
	if before.GSTIN != m.GSTIN {
		unchanged = unchanged.And(expression.AttributeNotExists(expression.Name("in_use")))
	}
	details, err := strictjson.Marshal(m.Details)
	if err != nil {
		return nil, err
	}
	update := expression.Set(expression.Name("merchant_id"), expression.Value(m.ID)).
		Set(expression.Name("name"), expression.Value(m.Name)).
		Set(expression.Name("gstin"), expression.Value(m.GSTIN)).
		Set(expression.Name("address"), expression.Value(m.Address)).
		Set(expression.Name("compliance"), expression.Value(m.Compliance)).
		Set(expression.Name("turnover"), expression.Value(m.Turnover)).
		Set(expression.Name("e_invoice_exempt"), expression.Value(m.EInvoiceExempt)).
		Set(expression.Name("unique_external_ids"), expression.Value(m.UniqueExternalIDs)).
		Set(expression.Name("details"), expression.Value(string(details))).
		Set(expression.Name("updated_at"), expression.Value(now))
	if m.closes(before) {
		update = update.Set(expression.Name("closed_through"), expression.Value(m.ClosedThrough)).
			Set(expression.Name("closed_at"), expression.Value(s.now().UnixMilli()))
	}
	profile, err := dynamo.TransactUpdate(s.table, profileKey(m.ID), update, unchanged)
	if err != nil {
		return nil, err
	}
	claim, err := s.claim(m.GSTIN, m.ID)
	if err != nil {
		return nil, err
	}
	return []types.TransactWriteItem{atProfile: profile, atClaim: claim}, nil
}

// release adds the deletion of the former GSTIN's claim. Of profiles that were written before
// there were claims, another one may have it.
func (s *Store) release(
	ctx context.Context, items []types.TransactWriteItem, before Profile,
) ([]types.TransactWriteItem, error) {
	key := claimKey(before.GSTIN)
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("read the claim of a GSTIN: %w", err)
	}
	if dynamo.Text(out.Item["merchant_id"]) != before.ID {
		return items, nil
	}
	return append(items, types.TransactWriteItem{Delete: &types.Delete{TableName: &s.table, Key: key}}), nil
}

// MarkInUse returns the item of an invoice's transaction that fixes the profile's GSTIN. Its
// condition fails when the profile has another GSTIN than the invoice.
func (s *Store) MarkInUse(id string, gstin gst.GSTIN) (types.TransactWriteItem, error) {
	return dynamo.TransactUpdate(s.table, profileKey(id),
		expression.Set(expression.Name("in_use"), expression.Value(true)),
		expression.Name("gstin").Equal(expression.Value(gstin)))
}

// claim returns the item that claims a GSTIN for a merchant, which may have it already.
func (s *Store) claim(gstin gst.GSTIN, id string) (types.TransactWriteItem, error) {
	return dynamo.TransactUpdate(s.table, claimKey(gstin),
		expression.Set(expression.Name("merchant_id"), expression.Value(id)),
		dynamo.Absent().Or(expression.Name("merchant_id").Equal(expression.Value(id))))
}

func claimKey(gstin gst.GSTIN) dynamo.Item { return dynamo.Key("GSTIN#"+string(gstin), "CLAIM") }

func taken(gstin gst.GSTIN) error {
	return gstinConflict("gstin_taken", "GSTIN "+string(gstin)+
		" belongs to another merchant; its document numbers are unique for a GSTIN")
}

func inUse(gstin gst.GSTIN) error {
	return gstinConflict("gstin_in_use", "invoices were issued under GSTIN "+string(gstin)+
		"; create another merchant for another registration")
}

func gstinConflict(code, message string) error {
	return &problem.Error{
		Kind: problem.Conflict, Status: http.StatusConflict, Code: code, Message: message,
		Fields: []problem.FieldError{{Field: "gstin", Code: code, Message: message}},
	}
}
