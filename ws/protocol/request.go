package protocol

import (
	"bytes"
	"encoding/json"
	"strconv"

	"kitchen/db/order"
)

// maxRequestID is the longest request_id, in bytes, without quotation marks.
const maxRequestID = 128

// maxOrderID is how much text an error repeats that is no order's id, in bytes. Ids of orders are shorter.
const maxOrderID = 128

// Request is a message from a display.
type Request struct {
	Kind     string          // update_status, update_lines, fire, show, seen, list_recent or authenticate
	ID       json.RawMessage // request_id as it was given; nil if none was
	Order    order.OrderID
	NoOrder  bool // Order is text that is no order's id, as it was sent: a number where ids are uuids
	Status   order.Status
	Version  *int64 // nil if none was given
	Force    bool
	Station  *string       // nil: the lines without a station
	Lines    []string      // nil for all of the station
	From     *order.Status // nil if none was given
	Reason   string        // why lines are to be made again
	Course   int32
	Stations []string // that the display shows; nil: everything
	Seen     []Seen
	How      order.How
	Token    string
}

// ParseRequest reads a message, of a text frame or another, whose order and lines have ids of given types. For an invalid message it
// returns the error to answer with, and a request with what could be read, so that the error can name it. Names of fields are compared
// exactly; unknown fields are ignored.
func ParseRequest(isText bool, body []byte, ids order.Keys) (Request, *Problem) {
	var r Request
	if !isText {
		return r, &Problem{Code: InvalidMessage, Message: "send JSON as a text frame"}
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return r, &Problem{Code: InvalidMessage, Message: "send one JSON object a message"}
	}

	if raw := given(fields, "request_id"); raw != nil {
		if !validRequestID(raw) {
			return r, &Problem{Code: InvalidMessage, Message: "request_id has to be a string or a number of at most 128 bytes"}
		}
		r.ID = raw
	}
	hasOrder := r.parseOrder(fields, ids.Order)

	var ok bool
	if r.Kind, ok = text(fields, "type"); !ok {
		return r, &Problem{Code: InvalidMessage, Message: "type is missing, or is not a string"}
	}
	switch r.Kind {
	case "update_status", "update_lines", "fire":
		if !hasOrder {
			return r, &Problem{Code: InvalidMessage, Message: "order_id is missing, or is not a string"}
		}
	}
	switch r.Kind {
	case "update_lines":
		wrong := r.parseLines(fields, ids.Line)
		return r, wrong
	case "fire":
		course, err := strconv.ParseInt(string(fields["course"]), 10, 32)
		if err != nil {
			return r, &Problem{Code: InvalidMessage, Message: "course has to be a whole number"}
		}
		r.Course = int32(course)
	case "update_status":
		wrong := r.parseStatus(fields)
		return r, wrong
	case "authenticate":
		if r.Token, ok = text(fields, "token"); !ok {
			return r, &Problem{Code: InvalidMessage, Message: "token is missing, or is not a string"}
		}
	case "show":
		wrong := r.parseShow(fields)
		return r, wrong
	case "seen":
		wrong := r.parseSeen(fields, ids.Order)
		return r, wrong
	case "list_recent":
	default:
		return r, &Problem{Code: UnknownType,
			Message: "this type is not known: send update_status, update_lines, fire, show, seen, list_recent or authenticate"}
	}
	return r, nil
}

// parseOrder reads order_id, and reports whether it is text. An id is whatever the node sent as one, so text that cannot be one is an
// order that the restaurant does not have, and no mistake of form.
func (r *Request) parseOrder(fields map[string]json.RawMessage, key order.KeyType) bool {
	id, isText := text(fields, "order_id")
	canonical, err := key.Parse(id)
	r.NoOrder = err != nil
	switch {
	case err == nil:
		r.Order = order.OrderID(canonical)
	case len(id) <= maxOrderID:
		r.Order = order.OrderID(id)
	}
	return isText
}

func (r *Request) parseStatus(fields map[string]json.RawMessage) *Problem {
	status, ok := text(fields, "status")
	if !ok {
		return &Problem{Code: InvalidMessage, Message: "status is missing, or is not a string"}
	}
	r.Status = order.Status(status)
	if raw := given(fields, "force"); raw != nil && json.Unmarshal(raw, &r.Force) != nil {
		return &Problem{Code: InvalidMessage, Message: "force has to be true or false"}
	}
	if raw := given(fields, "version"); raw != nil {
		version, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return &Problem{Code: InvalidMessage, Message: "version has to be a whole number"}
		}
		r.Version = &version
	}
	return nil
}

// given is a field's JSON text, or nil where it is missing or null.
func given(fields map[string]json.RawMessage, name string) json.RawMessage {
	if raw := fields[name]; !bytes.Equal(raw, []byte("null")) {
		return raw
	}
	return nil
}

func text(fields map[string]json.RawMessage, name string) (string, bool) {
	raw := given(fields, name)
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var s string
	return s, json.Unmarshal(raw, &s) == nil
}

func validRequestID(raw json.RawMessage) bool {
	switch c := raw[0]; {
	case c == '"':
		return len(raw) <= maxRequestID+2
	case c == '-' || c >= '0' && c <= '9':
		return len(raw) <= maxRequestID
	}
	return false
}
