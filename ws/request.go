package ws

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/gorilla/websocket"

	"kitchen/db/order"
)

// maxRequestID is the longest request_id, in bytes, quotation marks not counted.
const maxRequestID = 128

// request is a message from a display.
type request struct {
	kind    string          // update_status, list_recent or authenticate
	id      json.RawMessage // request_id as it was given; nil if none was
	order   order.OrderID
	status  order.Status
	version *int64
	token   string
}

// parseRequest reads a message. What is wrong with it comes back as the error to answer, and then the request holds what
// could be read nevertheless, so that the error can name it. Names of fields are compared exactly, as JSON has it;
// fields that are not known are ignored.
func parseRequest(frameType int, body []byte, orders order.KeyType) (request, *problem) {
	var r request
	if frameType != websocket.TextMessage {
		return r, &problem{code: invalidMessage, message: "send JSON as a text frame"}
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return r, &problem{code: invalidMessage, message: "send one JSON object a message"}
	}

	if raw := given(fields, "request_id"); raw != nil {
		if !validRequestID(raw) {
			return r, &problem{code: invalidMessage, message: "request_id has to be a string or a number of at most 128 bytes"}
		}
		r.id = raw
	}
	id, isString := text(fields, "order_id")
	canonical, err := orders.Parse(id)
	r.order = order.OrderID(canonical)
	isOrder := err == nil

	var ok bool
	if r.kind, ok = text(fields, "type"); !ok {
		return r, &problem{code: invalidMessage, message: "type is missing, or is not a string"}
	}
	switch r.kind {
	case "update_status":
		if !isString || !isOrder {
			return r, &problem{code: invalidMessage, message: "order_id has to be the id of an order"}
		}
		status, ok := text(fields, "status")
		if !ok {
			return r, &problem{code: invalidMessage, message: "status is missing, or is not a string"}
		}
		r.status = order.Status(status)
		if raw := given(fields, "version"); raw != nil {
			version, err := strconv.ParseInt(string(raw), 10, 64)
			if err != nil {
				return r, &problem{code: invalidMessage, message: "version has to be a whole number"}
			}
			r.version = &version
		}
	case "authenticate":
		if r.token, ok = text(fields, "token"); !ok {
			return r, &problem{code: invalidMessage, message: "token is missing, or is not a string"}
		}
	case "list_recent":
	default:
		return r, &problem{code: unknownType,
			message: "this type is not known: send update_status, list_recent or authenticate"}
	}
	return r, nil
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
