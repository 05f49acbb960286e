package money

// ExchangeRate is the price of one unit of a currency in millionths of a rupee.
type ExchangeRate int64

// MaxExchangeRate is 100,000 rupees for one unit.
const MaxExchangeRate ExchangeRate = 100_000_000_000

const exchangeDecimals = 6

// ParseExchangeRate parses rupees with at most six decimals.
func ParseExchangeRate(s string) (ExchangeRate, error) {
	n, err := parseDecimal(s, exchangeDecimals)
	return ExchangeRate(n), err
}

// String returns rupees without trailing zeros.
func (e ExchangeRate) String() string { return formatDecimal(int64(e), exchangeDecimals) }

// MarshalJSON writes rupees as a JSON number.
func (e ExchangeRate) MarshalJSON() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalJSON reads rupees from a JSON number or string.
func (e *ExchangeRate) UnmarshalJSON(b []byte) (err error) {
	*e, err = ParseExchangeRate(unquote(b))
	return err
}
