package order

import (
	"fmt"
	"strconv"
	"strings"
)

// Quantity is how many, or how much, in thousandths: 1500 is one and a half. Its JSON form is a number, 1.5.
type Quantity int64

// Pieces is a quantity of n whole ones.
func Pieces(n int64) Quantity { return Quantity(n * 1000) }

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
	if err != nil || f < -1e12 || f > 1e12 {
		return fmt.Errorf("%.40q is not a quantity", text)
	}
	*q = Quantity(f*1000 + 0.5)
	if f < 0 {
		*q = Quantity(f*1000 - 0.5)
	}
	return nil
}
