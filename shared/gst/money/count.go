package money

// Count is a whole number.
type Count int64

// ParseCount parses a number without decimals.
func ParseCount(s string) (Count, error) {
	n, err := parseDecimal(s, 0)
	return Count(n), err
}

// String returns the number's digits.
func (c Count) String() string { return formatDecimal(int64(c), 0) }
