package credential

import (
	"net/http"
	"strings"

	"kitchen/ws/closing"
)

// tokenProtocol is the prefix of a subprotocol that only carries a token: a browser can send its token that way, and it does not
// appear in access logs.
const tokenProtocol = "bearer."

// OfRequest finds the token of a handshake in the query, the Authorization header and the subprotocols. It refuses two different
// tokens, because it cannot know which one is meant.
func OfRequest(r *http.Request) (string, closing.Reason) {
	found := append(r.URL.Query()["token"], ofHeader(r)...)
	for _, value := range r.Header.Values("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(value, ",") {
			if token, ok := strings.CutPrefix(strings.TrimSpace(offered), tokenProtocol); ok {
				found = append(found, token)
			}
		}
	}

	return only(found)
}

// OfHeader finds the token of a request in its Authorization header alone: what a page sends has to be in no address.
func OfHeader(r *http.Request) (string, closing.Reason) { return only(ofHeader(r)) }

func ofHeader(r *http.Request) (found []string) {
	for _, value := range r.Header.Values("Authorization") {
		if scheme, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
			found = append(found, strings.TrimSpace(token))
		}
	}
	return found
}

// only returns the one token that was found, however often.
func only(found []string) (string, closing.Reason) {
	var token string
	for _, t := range found {
		switch {
		case t == "" || t == token:
		case token == "":
			token = t
		default:
			return "", closing.TwoTokens()
		}
	}
	if token == "" {
		return "", closing.NoToken()
	}
	return token, closing.None()
}
