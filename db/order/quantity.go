package order

import (
	"fmt"
	"strconv"
	"strings"
)

// Quantity is how many, or how much, in thousandths: 1500 is one and a half. Its JSON form is a number, 1.5.
type Quantity int64

const most = 1e15 // thousandths, which every reader of JSON tells apart

// Pieces is a quantity of n whole ones.
func Pieces(n int64) Quantity { return Quantity(n * 1000) }

// ParseQuantity reads a decimal number as PostgreSQL writes a numeric, and rounds it to three decimals as PostgreSQL does: a half away
// from zero.
func ParseQuantity(text string) (Quantity, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, decimals, _ := strings.Cut(digits, ".")
	up := len(decimals) > 3 && decimals[3] >= '5'
	n, err := strconv.ParseUint(whole+(decimals + "000")[:3], 10, 62)
	if err != nil || whole == "" || n > most {
		return 0, fmt.Errorf("%.40q is no quantity", text)
	}
	if up {
		n++
	}
	q := Quantity(n) //nolint:gosec // of 62 bits
	if negative {
		q = -q
	}
	return q, nil
}

// String is the quantity with as many decimals as it needs, three at most.
func (q Quantity) String() string { return string(q.append(nil)) }

func (q Quantity) append(b []byte) []byte {
	if q < 0 {
		b, q = append(b, '-'), -q
	}
	b = strconv.AppendInt(b, int64(q/1000), 10)
	if rest := q % 1000; rest != 0 {
		b = append(append(b, '.'), strings.TrimRight(fmt.Sprintf("%03d", rest), "0")...)
	}
	return b
}

// MarshalJSON makes a number of it.
func (q Quantity) MarshalJSON() ([]byte, error) { return q.append(nil), nil }

// UnmarshalJSON reads a number of up to three decimals.
func (q *Quantity) UnmarshalJSON(text []byte) error {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || f < -most/1000 || f > most/1000 {
		return fmt.Errorf("%.40q is not a quantity", text)
	}
	*q = Quantity(f*1000 + 0.5)
	if f < 0 {
		*q = Quantity(f*1000 - 0.5)
	}
	return nil
}
