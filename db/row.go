package db

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/text/encoding"

	"kitchen/db/charset"
	"kitchen/db/order"
)

// row is one row of a result, with the values as the server sent them.
type row struct {
	columns []pgconn.FieldDescription
	raw     [][]byte
	types   *pgtype.Map
	charset encoding.Encoding // of text that came as it is stored, or nil
	err     error             // the first
}

func (r *row) null(i int) bool { return r.raw[i] == nil }

// text is the same in both formats of the protocol.
func (r *row) text(i int) string { return charset.Translate(r.charset, string(r.raw[i])) }

func (r *row) textOrNil(i int) *string {
	if r.null(i) {
		return nil
	}
	s := r.text(i)
	return &s
}

// key is an id, whatever its type, spelled as the server spells it in text.
func (r *row) key(i int) string {
	raw, oid := r.raw[i], r.columns[i].DataTypeOID
	switch binary := r.columns[i].Format == pgtype.BinaryFormatCode; {
	case binary && oid == pgtype.UUIDOID && len(raw) == len(uuid.UUID{}):
		return uuid.UUID(raw).String()
	case binary && oid == pgtype.Int8OID:
		return strconv.FormatInt(r.int64(i), 10)
	case binary && oid == pgtype.Int4OID:
		return strconv.FormatInt(int64(r.int32(i)), 10)
	case oid == pgtype.BPCharOID:
		return strings.TrimRight(r.text(i), " ") // which pad it, and are no part of it
	case binary && oid != pgtype.TextOID && oid != pgtype.VarcharOID:
		return r.anyKey(i)
	}
	return r.text(i)
}

func (r *row) keyOrNil(i int) *string {
	if r.null(i) {
		return nil
	}
	s := r.key(i)
	return &s
}

// anyKey leaves an id of a rare type to pgx.
func (r *row) anyKey(i int) string {
	if t, known := r.types.TypeForOID(r.columns[i].DataTypeOID); known {
		v, err := t.Codec.DecodeDatabaseSQLValue(r.types, t.OID, r.columns[i].Format, r.raw[i])
		if err == nil {
			return fmt.Sprint(v)
		}
	}
	return r.text(i)
}

// quantity is a decimal number, or one piece where there is none. A number that no kitchen can show is one piece, too, and words for it: one
// wrong line of a host must not keep all others from being shown.
func (r *row) quantity(i int) (q order.Quantity, words string) {
	if r.null(i) {
		return order.Pieces(1), ""
	}
	q, err := order.ParseQuantity(string(r.raw[i]))
	if err != nil {
		return order.Pieces(1), fmt.Sprintf("quantity %.40s?", r.raw[i])
	}
	return q, ""
}

func (r *row) int32(i int) (n int32) {
	if raw := r.raw[i]; r.columns[i].Format == pgtype.BinaryFormatCode && len(raw) == 4 {
		return int32(binary.BigEndian.Uint32(raw)) //nolint:gosec // two's complement, either way
	}
	r.scan(i, &n)
	return n
}

func (r *row) int64(i int) (n int64) {
	if r.null(i) {
		return 0
	}
	if raw := r.raw[i]; r.columns[i].Format == pgtype.BinaryFormatCode && len(raw) == 8 {
		return int64(binary.BigEndian.Uint64(raw)) //nolint:gosec // two's complement, either way
	}
	r.scan(i, &n)
	return n
}

// position is the position of a line or a modifier: one without comes last.
func (r *row) position(i int) int64 {
	if r.null(i) {
		return math.MaxInt64
	}
	return r.int64(i)
}

func (r *row) bool(i int) (is bool) {
	if r.null(i) {
		return false
	}
	if raw := r.raw[i]; r.columns[i].Format == pgtype.BinaryFormatCode && len(raw) == 1 {
		return raw[0] != 0
	}
	r.scan(i, &is)
	return is
}

func (r *row) time(i int) (t time.Time) {
	r.scan(i, &t)
	return t.UTC()
}

// timeOrNil is a time, or nil where there is none. Infinity, which another program may say for never, is none.
func (r *row) timeOrNil(i int) *time.Time {
	if r.null(i) {
		return nil
	}
	var t pgtype.Timestamptz
	if r.scan(i, &t); !t.Valid || t.InfinityModifier != pgtype.Finite {
		return nil
	}
	utc := t.Time.UTC()
	return &utc
}

// scan leaves a value to pgx, such as one that comes as text because the address sets default_query_exec_mode.
func (r *row) scan(i int, dst any) {
	if err := r.types.Scan(r.columns[i].DataTypeOID, r.columns[i].Format, r.raw[i], dst); err != nil && r.err == nil {
		r.err = fmt.Errorf("column %d: %w", i, err)
	}
}

func (r *row) order() order.Order {
	o := order.Order{
		ID: order.OrderID(r.key(0)), RestaurantID: order.RestaurantID(r.key(1)), Number: r.int64(2), Type: r.text(3), Status: statusOf(r.text(4), !r.null(14)),
		Priority: r.int64(5), CustomerName: r.text(10), Notes: r.text(11), AllergyNote: r.text(12), PromisedAt: r.timeOrNil(13),
		Recalled: r.bool(14), Version: r.int64(15), CreatedAt: r.time(16), Items: []order.Item{}, Stamp: r.int64(18),
	}
	if o.UpdatedAt = o.CreatedAt; !r.null(17) {
		o.UpdatedAt = r.time(17)
	}
	if r.null(3) {
		o.Type = "dine_in"
	}
	if !r.null(6) {
		o.Table = &order.Table{ID: r.key(6), Label: r.text(7)}
	}
	if !r.null(8) {
		o.CreatedBy = &order.CreatedBy{ID: order.UserID(r.key(8)), Name: r.text(9)}
	}
	return o
}

// statusOf is the status that a view gives. A program of today may use a word that its mapping does not know: then an open order is
// pending, because no order may be hidden from the kitchen, and another has no status, and is no order of a kitchen's.
func statusOf(word string, open bool) order.Status {
	if s := order.Status(word); s.Known() || !open {
		return s
	}
	return order.Pending
}

func (r *row) item() order.Item {
	const i = itemAt
	quantity, words := r.quantity(i + 3)
	item := order.Item{ID: r.key(i), MenuItem: order.Ref{ID: r.keyOrNil(i + 1), Name: r.text(i + 2)}, Quantity: quantity,
		Notes: startWith(words, r.text(i+4)), Modifiers: []order.Modifier{}, Position: r.position(i + 5), Held: r.bool(i + 7), Stations: stationsOf(r.text(i + 8))}
	if !r.null(i + 6) {
		course := r.int32(i + 6)
		item.Course = &course
	}
	return item
}

// startWith puts words before a text, where there are any.
func startWith(words, text string) string {
	if words == "" {
		return text
	}
	return strings.TrimSpace(words + " " + text)
}

func (r *row) modifier() order.Modifier {
	const m = modifierAt
	quantity, words := r.quantity(m + 3)
	return order.Modifier{ID: r.key(m), Option: order.Ref{ID: r.keyOrNil(m + 1), Name: startWith(words, r.text(m+2))}, Quantity: quantity,
		Kind: r.textOrNil(m + 4), Position: r.position(m + 5)}
}

// stationsOf reads what [itsStations] prints.
func stationsOf(printed string) []order.LineState {
	all := []order.LineState{}
	if printed == "" {
		return all
	}
	for one := range strings.SplitSeq(printed, ",") {
		id, status, _ := strings.Cut(one, " ")
		at := order.LineState{}
		if id != "" {
			at.Station = &id
		}
		status, reason, _ := strings.Cut(status, "~")
		at.Reason = strings.NewReplacer("%2C", ",", "%25", "%").Replace(reason)
		status, at.Changed = strings.CutSuffix(status, "!")
		at.Status = order.Status(status)
		all = append(all, at)
	}
	return all
}
