package contract_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/invochain/invochain/shared/gst"
)

func list(values ...any) []any { return values }

// names are ids of merchants and SKUs.
func names() []any {
	return list("m", "merchant-123", "SKU.1_a-b", "A/B", "-a", ".a", "/a", "_a", "a b", "a#b", "a\n", "शर्मा", "é", "a:b",
		strings.Repeat("a", 64), strings.Repeat("a", 65))
}

func series() []any {
	return list("A", "A1B2", "1", "0", "0A", "A0", "ABCDE", "a", "A-", "A/", "A\n", "INV", "इ")
}

func numbers() []any {
	return list("A", "0", "-", "/", "TEST-001", "INV/2526/0001", "a b", "A_1", "A.1", "A\n", "१",
		strings.Repeat("9", 16), strings.Repeat("9", 17))
}

func keys() []any {
	const key = "8e03978e-40d5-43e8-bc93-6894a57f9324"
	bare := strings.ReplaceAll(key, "-", "")
	with := func(old, new string) string { return strings.Replace(key, old, new, 1) }
	return list(key, bare, strings.ToUpper(key), `"`+key+`"`, `"`+bare+`"`, `"`+key, key+`"`, `'`+key+`'`, "{"+key+"}",
		key[1:], key+"0", with("8", "g"), with("-", ""), with("-", "_"),
		"00000000-0000-0000-0000-000000000000", strings.Repeat("0", 32), `"00000000-0000-0000-0000-000000000000"`,
		"00000000-0000-0000-0000-000000000001", "42", "", `""`)
}

func versions() []any {
	return list(`"0"`, `"7"`, `7`, `"07"`, `"-1"`, `"999999999999999999"`, `"1000000000000000000"`, `W/"7"`, `*`,
		`"7", "8"`, `""`)
}

func dates() []any {
	return list("2017-06-30", "2017-07-01", "2017-12-31", "2018-01-01", "2025-11-26", "2099-12-31", "2100-01-01",
		"1999-12-31", "2024-02-29", "2025-02-29", "2025-02-30", "2025-04-31", "2025-13-01", "2025-00-10", "2025-10-00",
		"2025-1-1", "26-11-2025", "2025/11/26", "2025-11-26T00:00:00Z", " 2025-11-26", "2025-11-26\n", "today")
}

func states() []any {
	all := list("1", "001", "MH", "0a", " 1")
	for n := range 100 {
		all = append(all, fmt.Sprintf("%02d", n))
	}
	return all
}

func digits() []any {
	all := list("84A1", "84 1", "८४")
	for n := range 10 {
		all = append(all, strings.Repeat("8", n+1))
	}
	return all
}

// bank is an account and its branch.
func bank(account, ifsc string) map[string]any {
	return map[string]any{"account": account, "ifsc": ifsc}
}

// units are all texts of two and three capital letters, and others that look like a code.
func units() []any {
	all := list("nos", "Kgs", "N", "NOSS", "NO S")
	for n := range 26 * 26 * 26 {
		code := string([]byte{'A' + byte(n/676), 'A' + byte(n/26%26), 'A' + byte(n%26)})
		if all = append(all, code); code[0] == 'A' {
			all = append(all, code[1:])
		}
	}
	return all
}

// countries are all texts of two capital letters, and others that look like a code.
func countries() []any {
	all := list("in", "IND", "I", 1)
	for n := range 26 * 26 {
		all = append(all, string([]byte{'A' + byte(n/26), 'A' + byte(n%26)}))
	}
	return all
}

// cities are texts around 3 and 50 characters.
func cities() []any { return append(lengths(50), "Le", "Ley", "₹₹", "₹₹₹") }

// pins are PIN codes, and others that look like one.
func pins() []any {
	return list("411001", "999999", "41101", "4110011", "011001", "41100A", "411 001", 411001)
}

// pairs are metadata.
func pairs(n int) map[string]any {
	all := map[string]any{}
	for i := range n {
		all[fmt.Sprintf("k.%d", i)] = "v"
	}
	return all
}

// lengths are texts around the most characters, of several bytes each.
func lengths(most int) []any {
	return list("x", strings.Repeat("₹", most), strings.Repeat("₹", most+1), strings.Repeat("🛒", most), 1, []any{})
}

// decimals are numbers around 0, the most decimals, and the largest value.
func decimals(most int, largest string) []any {
	fraction := strings.Repeat("0", most-1) + "1"
	whole, _, _ := strings.Cut(largest, ".")
	all := list("0", "00", "0.0", "007", "1."+fraction, "1."+fraction+"00", "1.0"+fraction, "0."+fraction, "0.0"+fraction,
		"1.000000", largest, "0"+largest, whole+"0", whole+"."+strings.Repeat("9", most), whole+"."+fraction,
		"1"+strings.Repeat("0", 30),
		"-1", "+1", "1.", ".5", "1e3", "1,000", " 1", "1\n", "NaN", "Infinity", "0x1", "१", true, []any{})
	for _, literal := range []string{"0", "1", "1.5", "1e2", "-1", "-0.01", largest, whole + "0", "1e30"} {
		all = append(all, json.Number(literal))
	}
	return all
}

// gstins are GSTINs of each class of registration, with every character replaced in turn.
func gstins() []any {
	var all []any
	for _, g := range []string{
		"27AABCU9603R1ZN", "27AABCU9603R1DN", "27AABCU9603R1CN", "27ABCD12345E1Z5", "0717UNO00211UN2", "0717USA00211OND",
		"1917USA00211NRQ", "9917USA29001OSA",
	} {
		all = append(all, g, g[1:], g+"0", strings.ToLower(g), g+"\n", " "+g[1:])
		for i := range g {
			for _, c := range "019ACDEJKNORSUZa-" {
				all = append(all, g[:i]+string(c)+g[i+1:])
			}
		}
	}
	return all
}

// sellers are those of a known form with the right check character, which no schema computes.
func sellers() []any {
	var all []any
	for _, s := range gstins() {
		g, err := gst.ParseGSTIN(s.(string))
		if err == nil {
			all = append(all, string(g[:14])+string(g.CheckCharacter()))
		}
	}
	for state := range 100 {
		g := gst.GSTIN(fmt.Sprintf("%02dAABCU9603R1Z0", state))
		all = append(all, string(g[:14])+string(g.CheckCharacter()))
	}
	return all
}
