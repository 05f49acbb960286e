package privacy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Bounds of what an instance remembers of keys that it reads to open texts: for so long it may show
// what was erased meanwhile.
const (
	rememberFor   = time.Minute
	maxRemembered = 1000 // keys; the memory is emptied when it is full
)

// Ref names the key that sealed a text.
type Ref struct {
	Merchant, Subject string
	KeyID             string // from SealedBy
}

// Found is what there is of a key. Key is empty if it was erased; ErasedAt is then when, or zero if
// that is not known.
type Found struct {
	Key      Key
	ErasedAt time.Time
}

type remembered struct {
	Found

	until time.Time
}

// Find returns what there is of each key: as remembered, or read strongly consistent, 50 keys in a
// call.
func (s *Store) Find(ctx context.Context, refs ...Ref) (map[Ref]Found, error) {
	found, missing := s.recall(refs)
	for some := range slices.Chunk(missing, dynamo.MaxBatchGet/2) {
		items, err := s.readAll(ctx, some)
		if err != nil {
			return nil, fmt.Errorf("read the keys of contacts: %w", err)
		}
		if err := s.judge(some, items, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// recall returns what is remembered, and the refs that are not, each once.
func (s *Store) recall(refs []Ref) (found map[Ref]Found, missing []Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	found = make(map[Ref]Found, len(refs))
	for _, ref := range refs {
		if r, ok := s.memory[ref]; ok && now.Before(r.until) {
			found[ref] = r.Found
		} else if !slices.Contains(missing, ref) {
			missing = append(missing, ref)
		}
	}
	return found, missing
}

// judge adds what the items say of each ref, and remembers it.
func (s *Store) judge(refs []Ref, items map[string]dynamo.Item, found map[Ref]Found) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.memory == nil || len(s.memory)+len(refs) > maxRemembered {
		s.memory = make(map[Ref]remembered, len(refs))
	}
	now := s.now()
	for _, ref := range refs {
		r, err := ref.judge(now, items[identity(ref.contact())], items[identity(ref.mark())])
		if err != nil {
			return err
		}
		found[ref], s.memory[ref] = r.Found, r
	}
	return nil
}

// judge decides by the buyer's key and the mark of the erasure: the key is gone if another or none is in
// force, or once the mark is effective.
func (r Ref) judge(now time.Time, contact, mark dynamo.Item) (remembered, error) {
	result := remembered{until: now.Add(rememberFor)}
	erasedAt, err := seconds(mark["erased_at"])
	if err != nil {
		return result, err
	}
	ends, err := seconds(contact["ttl"])
	if err != nil {
		return result, err
	}
	key, err := keyOf(contact)
	if err != nil {
		return result, err
	}
	if key.ID() != r.KeyID {
		key, ends = nil, time.Time{}
	}
	for _, at := range []time.Time{ends, erasedAt} {
		switch {
		case at.IsZero():
		case at.After(now):
			result.until = earlier(result.until, at)
		default:
			key, result.ErasedAt = nil, at
		}
	}
	result.Key = key
	return result, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (r Ref) contact() dynamo.Item { return contactKey(r.Merchant, r.Subject) }

func (r Ref) mark() dynamo.Item {
	return dynamo.Key(subjectPK(r.Merchant, r.Subject), erasedPrefix+r.KeyID)
}

// readAll reads the keys and the marks of refs, by their identity. refs are at most 50.
func (s *Store) readAll(ctx context.Context, refs []Ref) (map[string]dynamo.Item, error) {
	wanted := map[string]dynamo.Item{}
	for _, ref := range refs {
		for _, key := range []dynamo.Item{ref.contact(), ref.mark()} {
			wanted[identity(key)] = key
		}
	}
	var keys []dynamo.Item
	for _, key := range wanted {
		keys = append(keys, key)
	}
	found, err := dynamo.GetAll(ctx, s.db, s.table, keys)
	if err != nil {
		return nil, err
	}
	items := map[string]dynamo.Item{}
	for _, item := range found {
		items[identity(item)] = item
	}
	return items, nil
}

// identity returns a string that identifies an item. No sort key has a blank.
func identity(item dynamo.Item) string {
	return dynamo.Text(item["sk"]) + " " + dynamo.Text(item["pk"])
}

// seconds returns the time of an attribute in Unix seconds; zero if it is absent.
func seconds(v types.AttributeValue) (time.Time, error) {
	text := dynamo.Number(v)
	if text == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, errMalformed
	}
	return time.Unix(n, 0), nil
}
