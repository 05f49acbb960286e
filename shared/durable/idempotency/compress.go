package idempotency

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"sync"
)

// MaxCompressed is the maximum size of a compressed answer in bytes: it keeps the record below
// DynamoDB's item limit of 400 KB.
const MaxCompressed = 350 << 10

// writers pools the compressors, since creating one takes longer than compressing an answer.
// The default level would clear 0.6 MB of tables for each answer, most of which are 1 KB, and
// save a twentieth of their size.
var writers = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // fails only for an invalid level
	return w
}}

// Compress compresses an answer for storage (DEFLATE, RFC 1951).
func Compress(body []byte) ([]byte, error) {
	var out bytes.Buffer
	w, _ := writers.Get().(*flate.Writer)
	defer writers.Put(w)
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Decompress reverses Compress.
func Decompress(compressed []byte) ([]byte, error) {
	body, err := io.ReadAll(flate.NewReader(bytes.NewReader(compressed)))
	if err != nil {
		return nil, fmt.Errorf("decompress a stored answer: %w", err)
	}
	return body, nil
}
