package pairing

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"kitchen/db/order"
)

// alphabet is Crockford's base32: no letter in it looks like a digit, or like another (https://www.crockford.com/base32.html).
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength makes 40 random bits. With all codes in use that there may be, a guess is right once in a thousand million.
const codeLength = 8

// newCode makes a code that no screen shows.
func newCode() string {
	random := make([]byte, codeLength)
	_, _ = rand.Read(random) // it never fails
	for i, b := range random {
		random[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(random)
}

// spoken is a code in two groups, as it is read and typed.
func spoken(code string) string { return code[:codeLength/2] + "-" + code[codeLength/2:] }

// readCode reads a code as people type it: in either case, in groups, with letters that look like digits. It reports false for what
// can be none.
func readCode(typed string) (string, bool) {
	code := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed))
	return code, len(code) == codeLength && strings.Trim(code, alphabet) == ""
}

// hashCode is what is kept of a code. The function kitchen.pair makes the same of what is typed.
func hashCode(code string) order.PassHash { return sha256.Sum256([]byte(code)) }
