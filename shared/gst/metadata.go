package gst

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// Bounds of metadata.
const (
	maxPairs         = 50
	maxMetadataValue = 500 // characters
)

var metadataKey = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)

// parseMetadata reads the caller's own pairs of text. They may hold anything, and are never logged.
func parseMetadata(r *strictjson.Reader) map[string]string {
	const name = "metadata"
	fields, ok := r.Take(name).(map[string]any)
	pairs := r.Object(name) // it records another type as a fault
	if !ok {
		return nil
	}
	if len(fields) > maxPairs {
		r.Fail(name, "too_many_items", fmt.Sprintf("must have at most %d pairs", maxPairs))
		return nil
	}
	var metadata map[string]string
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !metadataKey.MatchString(key) {
			pairs.Fail(problem.Clip(key), "key_malformed",
				"a key must be 1 to 40 letters, digits, dots, hyphens and underscores")
			continue
		}
		value := pairs.Text(key, maxMetadataValue)
		if value == "" {
			continue
		}
		if metadata == nil {
			metadata = map[string]string{}
		}
		metadata[key] = value
	}
	return metadata
}
