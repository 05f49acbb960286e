package inventory

// WithChunkSize returns a store whose chunks hold n SKUs.
func (s *Store) WithChunkSize(n int) *Store {
	smaller := *s
	smaller.chunkSize = n
	return &smaller
}
