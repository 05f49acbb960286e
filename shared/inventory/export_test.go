package inventory

// InChunksOf makes a store whose chunks hold n SKUs.
func (s *Store) InChunksOf(n int) *Store {
	smaller := *s
	smaller.chunk = n
	return &smaller
}
