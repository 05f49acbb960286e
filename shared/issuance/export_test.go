package issuance

// Waiting returns the number of attempts of this process that wait for their commits to series.
func (i *Issuer) Waiting() (n int) {
	i.sequencer.mu.Lock()
	defer i.sequencer.mu.Unlock()
	for _, l := range i.sequencer.lines {
		n += len(l.waiting)
	}
	return n
}
