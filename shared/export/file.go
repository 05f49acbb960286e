package export

import (
	"bytes"
	"compress/gzip"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/retention"
	"github.com/invochain/invochain/shared/strictjson"
)

// line is a line of a file.
type line struct {
	Invoice   gst.Invoice `json:"invoice"`    // as GET /invoices/{id} shows it
	KeepUntil gst.Date    `json:"keep_until"` // the last day on which the law keeps it
	Basis     []string    `json:"basis"`      // the laws
}

// file is a file in memory.
type file struct {
	invoices int
	data     *bytes.Buffer
	zip      *gzip.Writer
}

func newFile() *file {
	data := &bytes.Buffer{}
	return &file{data: data, zip: gzip.NewWriter(data)}
}

// add appends an invoice.
func (f *file) add(inv gst.Invoice, keepUntil gst.Date) error {
	basis := retention.Keep(inv.InvoiceDate, inv.SellerGSTIN).Basis
	text, err := strictjson.Marshal(line{Invoice: inv, KeepUntil: keepUntil, Basis: basis})
	if err != nil {
		return err
	}
	f.invoices++
	_, err = f.zip.Write(append(text, '\n'))
	return err
}

// size returns how many bytes the file has so far; the last lines may not count yet.
func (f *file) size() int { return f.data.Len() }

// bytes ends the file and returns it.
func (f *file) bytes() ([]byte, error) {
	err := f.zip.Close()
	return f.data.Bytes(), err
}
