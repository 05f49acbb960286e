package strictjson

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf16"
)

// loneSurrogate reports whether body escapes half of a surrogate pair, such as
// `\ud83d`, without the other half. It encodes no character (RFC 8259 s.8.2), and
// encoding/json would silently replace it: the stored text would differ from the sent one.
func loneSurrogate(body []byte) bool {
	for {
		at := bytes.IndexByte(body, '\\')
		if at < 0 {
			return false
		}
		body = body[at:]
		char, length := escapedUnit(body)
		if utf16.IsSurrogate(char) {
			low, more := escapedUnit(body[length:])
			if utf16.DecodeRune(char, low) == unicode.ReplacementChar {
				return true
			}
			length += more
		}
		body = body[length:]
	}
}

// escapedUnit returns the UTF-16 unit of a `\uXXXX` escape and its length; for any
// other input only the length to skip.
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
