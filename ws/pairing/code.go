package pairing

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"kitchen/db/order"
)

// alphabet is Crockford's base32: no letter in it looks like a digit, or like another (https://www.crockford.com/base32.html).
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength makes 40 random bits. Even with the most codes that may wait at once, one guess in a thousand million is right.
const codeLength = 8

// newCode makes a random code.
func newCode() string {
	random := make([]byte, codeLength)
	_, _ = rand.Read(random) // it never fails
	for i, b := range random {
		random[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(random)
}

// spoken writes a code in two groups, which are easier to read and to type.
func spoken(code string) string { return code[:codeLength/2] + "-" + code[codeLength/2:] }

// readCode reads a code as people type it: in either case, in groups, with letters that look like digits. It reports false for a text that
// cannot be a code.
func readCode(typed string) (string, bool) {
	code := strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(typed))
	return code, len(code) == codeLength && strings.Trim(code, alphabet) == ""
}

// hashCode is the hash of a code that the database holds. The function kitchen.pair computes the same from a typed code.
func hashCode(code string) order.TokenHash { return sha256.Sum256([]byte(code)) }
