package audit

import (
	"errors"
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/strictjson"
)

// version is the version of the entries' format. Entries that were appended keep theirs.
const version = 1

// maxData is the largest size of an entry in bytes: bundles give it two bytes (C2SP tlog-tiles).
const maxData = 65535

// Entry records one act. Its canonical bytes, which the log hashes, are its JSON with fields in this
// order, without white space and without empty fields.
type Entry struct {
	Version       int         `json:"v"`
	ID            string      `json:"id"`     // of the saga or of the act; the log has it once
	Action        string      `json:"action"` // such as invoice.created
	MerchantID    string      `json:"merchant_id,omitempty"`
	Date          gst.Date    `json:"date"` // of the document; of an act its day in India
	InvoiceID     string      `json:"invoice_id,omitempty"`
	InvoiceNumber string      `json:"invoice_number,omitempty"`
	DocumentType  string      `json:"document_type,omitempty"`
	Total         money.Paise `json:"total,omitempty"` // in JSON rupees
	// Document is the commitment to the issued document (package commitment), in lower-case hex;
	// empty for one that an earlier version issued.
	Document string `json:"document,omitempty"`
	Subject  string `json:"subject,omitempty"` // of an act: what it was done to
	Reason   string `json:"reason,omitempty"`
	Actor    string `json:"actor,omitempty"` // who caused it; empty if that is not known
	At       int64  `json:"at"`              // Unix milliseconds: when the saga was committed, or the act recorded
}

// Period returns the month under which the register holds the entry.
func (e Entry) Period() string { return PeriodOf(e.Date) }

// PeriodOf returns the month of a day, such as 2026-11.
func PeriodOf(d gst.Date) string { return string(d[:len("2006-01")]) }

// ParsePeriod accepts a month such as 2026-11.
func ParsePeriod(s string) (string, error) {
	if _, err := time.Parse("2006-01", s); err != nil {
		return "", errors.New("must be a month such as 2026-11")
	}
	return s, nil
}

// Check returns what is wrong with an entry that Append would refuse.
func (e Entry) Check() error {
	_, err := e.data()
	return err
}

// data returns the canonical bytes of an entry.
func (e Entry) data() ([]byte, error) {
	if e.ID == "" || e.Action == "" {
		return nil, errors.New("an audit entry needs an id and an action")
	}
	if _, err := time.Parse(time.DateOnly, string(e.Date)); err != nil {
		return nil, fmt.Errorf("audit entry %s: %w", e.ID, err)
	}
	e.Version = version
	data, err := strictjson.Marshal(e)
	if err == nil && len(data) > maxData {
		err = fmt.Errorf("audit entry %s has %d bytes; %d are the most", e.ID, len(data), maxData)
	}
	return data, err
}
