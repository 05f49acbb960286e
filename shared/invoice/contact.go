package invoice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/privacy"
)

// Contact is the contact of an invoice as it is stored; the zero value if there is none.
type Contact struct {
	subjectOf string // hash of the index by-subject
	sealed    []byte
}

// Given reports whether there is a contact.
func (c Contact) Given() bool { return len(c.sealed) > 0 }

// SealContact returns the invoice without its contact, and the contact sealed under the key of its
// buyer. An invoice without a contact needs neither subject nor key.
func SealContact(inv gst.Invoice, subject string, key privacy.Key) (gst.Invoice, Contact, error) {
	kept, contact := inv.SplitContact()
	if contact == (gst.Contact{}) {
		return kept, Contact{}, nil
	}
	text, err := json.Marshal(contact)
	if err != nil {
		return gst.Invoice{}, Contact{}, err
	}
	sealed, err := privacy.Seal(key, text, contactPlace(inv))
	if err != nil {
		return gst.Invoice{}, Contact{}, fmt.Errorf("seal the contact of an invoice: %w", err)
	}
	return kept, Contact{subjectOf(inv.SellerMerchantID, subject), sealed}, nil
}

// subjectOf returns the hash of the index by-subject.
func subjectOf(merchantID, subject string) string { return merchantID + "#" + subject }

// contactPlace is what the sealed contact of an invoice is bound to.
func contactPlace(inv gst.Invoice) string {
	return strings.Join([]string{inv.SellerMerchantID, inv.ID, "contact"}, "\x00")
}

// WithContacts returns a store that opens the contacts of the invoices that it reads with the keys of
// their buyers. An invoice whose contact was erased has ContactErasedAt instead.
func (s *Store) WithContacts(buyers *privacy.Store) *Store {
	return &Store{db: s.db, table: s.table, buyers: buyers}
}

func (s *Store) opened(ctx context.Context, item dynamo.Item) (gst.Invoice, error) {
	read, err := decode(item)
	if err != nil {
		return gst.Invoice{}, err
	}
	return s.open(ctx, read)
}

// open completes an invoice by its contact, if the store opens contacts.
func (s *Store) open(ctx context.Context, read stored) (gst.Invoice, error) {
	inv := read.Invoice
	if len(read.contact) == 0 || s.buyers == nil {
		return inv, nil
	}
	ref, err := refOf(read.subjectOf, read.contact)
	if err != nil {
		return gst.Invoice{}, err
	}
	found, err := s.buyers.Find(ctx, ref)
	if err != nil {
		return gst.Invoice{}, err
	}
	text, err := privacy.Open(found[ref].Key, read.contact, contactPlace(inv))
	if errors.Is(err, privacy.ErrErased) {
		if at := found[ref].ErasedAt; !at.IsZero() {
			inv.ContactErasedAt = at.UTC().Format(time.RFC3339)
		}
		return inv, nil
	}
	if err != nil {
		return gst.Invoice{}, fmt.Errorf("open the contact of invoice %s: %w", inv.ID, err)
	}
	var contact gst.Contact
	if err := json.Unmarshal(text, &contact); err != nil {
		return gst.Invoice{}, fmt.Errorf("decode the contact of invoice %s: %w", inv.ID, err)
	}
	return inv.WithContact(contact), nil
}

// findKeys reads the keys of a chunk of a list in one call, so that open finds them remembered.
func (s *Store) findKeys(ctx context.Context, items []dynamo.Item) error {
	if s.buyers == nil {
		return nil
	}
	var refs []privacy.Ref
	for _, item := range items {
		contact := dynamo.Bytes(item["contact"])
		if len(contact) == 0 {
			continue
		}
		ref, err := refOf(dynamo.Text(item["subject_of"]), contact)
		if err != nil {
			return err
		}
		refs = append(refs, ref)
	}
	_, err := s.buyers.Find(ctx, refs...)
	return err
}

// refOf returns which key sealed a contact.
func refOf(subjectOf string, contact []byte) (privacy.Ref, error) {
	merchantID, subject, _ := strings.Cut(subjectOf, "#")
	id, err := privacy.SealedBy(contact)
	return privacy.Ref{Merchant: merchantID, Subject: subject, KeyID: id}, err
}
