package strictjson

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf16"
)

// loneSurrogate reports whether body escapes half of a surrogate pair, such as
// `\ud83d`, without the other half. Such an escape encodes no character (RFC 8259 s.8.2).
// encoding/json replaces it silently, so the stored text would differ from the sent one.
func loneSurrogate(body []byte) bool {
	for {
		at := bytes.IndexByte(body, '\\')
		if at < 0 {
			return false
		}
		body = body[at:]
		unit, length := escapedUnit(body)
		if utf16.IsSurrogate(unit) {
			low, lowLength := escapedUnit(body[length:])
			if utf16.DecodeRune(unit, low) == unicode.ReplacementChar {
				return true
			}
			length += lowLength
		}
		body = body[length:]
	}
}

// escapedUnit returns the UTF-16 unit of a `\uXXXX` escape at the start of b and the
// escape's length; for any other input 0 and the length to skip.
func escapedUnit(b []byte) (rune, int) {
	const length = len(`\uXXXX`)
	if len(b) < length || b[0] != '\\' || b[1] != 'u' {
		return 0, min(len(b), 2)
	}
	unit, err := strconv.ParseUint(string(b[2:length]), 16, 16)
	if err != nil {
		return 0, 2
	}
	return rune(unit), length
}
