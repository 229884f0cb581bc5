// Package charset reads text as it is stored. In a database whose encoding is not UTF8 a column may hold bytes that are invalid in that
// encoding. The server refuses to send them as UTF8, and one such order would keep its whole restaurant from being read. So a refused read
// is made again for the stored bytes, which this package translates: invalid ones become U+FFFD.
package charset

import (
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// AsStored has the server send text as it is stored, for one transaction.
const AsStored = `select set_config('client_encoding', 'SQL_ASCII', true)`

// IsNoText reports whether a server refused to send bytes because they are no text.
func IsNoText(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "22P05" || pg.Code == "22021") // untranslatable_character, character_not_in_repertoire
}

// mark is the key of a connection's custom data that says that it reads text as it is stored.
const mark = "kitchen.charset"

// ReadAsStored marks a connection as one that reads text as it is stored, until end is called.
func ReadAsStored(conn *pgx.Conn) (end func()) {
	data := conn.PgConn().CustomData()
	data[mark] = charsets[conn.PgConn().ParameterStatus("server_encoding")]
	return func() { delete(data, mark) }
}

// Translator returns the encoding of the text that a connection reads, or nil where it is UTF-8 already. For an encoding that is not known
// here it returns nil, too: encoding/json replaces invalid bytes with U+FFFD.
func Translator(conn *pgx.Conn) encoding.Encoding {
	if conn == nil { // the batch failed
		return nil
	}
	c, _ := conn.PgConn().CustomData()[mark].(encoding.Encoding)
	return c
}

// Translate turns stored text into UTF-8.
func Translate(from encoding.Encoding, text string) string {
	if from == nil {
		return text
	}
	translated, err := from.NewDecoder().String(text)
	if err != nil {
		return text
	}
	return translated
}

// charsets are encodings of PostgreSQL (https://www.postgresql.org/docs/current/multibyte.html#CHARSET-TABLE). Nothing is known of
// EUC_TW, JOHAB and MULE_INTERNAL here: of a restaurant with a bad byte, text in them is marks until it is gone. GBK has all of EUC_CN.
var charsets = map[string]encoding.Encoding{
	"EUC_JP": japanese.EUCJP, "EUC_JIS_2004": japanese.EUCJP, "EUC_KR": korean.EUCKR, "EUC_CN": simplifiedchinese.GBK,
	"LATIN1": charmap.ISO8859_1, "LATIN2": charmap.ISO8859_2, "LATIN3": charmap.ISO8859_3, "LATIN4": charmap.ISO8859_4,
	"LATIN5": charmap.ISO8859_9, "LATIN6": charmap.ISO8859_10, "LATIN7": charmap.ISO8859_13, "LATIN8": charmap.ISO8859_14,
	"LATIN9": charmap.ISO8859_15, "LATIN10": charmap.ISO8859_16,
	"ISO_8859_5": charmap.ISO8859_5, "ISO_8859_6": charmap.ISO8859_6, "ISO_8859_7": charmap.ISO8859_7, "ISO_8859_8": charmap.ISO8859_8,
	"WIN866": charmap.CodePage866, "WIN874": charmap.Windows874, "WIN1250": charmap.Windows1250, "WIN1251": charmap.Windows1251,
	"WIN1252": charmap.Windows1252, "WIN1253": charmap.Windows1253, "WIN1254": charmap.Windows1254, "WIN1255": charmap.Windows1255,
	"WIN1256": charmap.Windows1256, "WIN1257": charmap.Windows1257, "WIN1258": charmap.Windows1258,
	"KOI8R": charmap.KOI8R, "KOI8U": charmap.KOI8U,
}
