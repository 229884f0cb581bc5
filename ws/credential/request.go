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
	var found []string
	found = append(found, r.URL.Query()["token"]...)
	for _, value := range r.Header.Values("Authorization") {
		if scheme, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(scheme, "Bearer") {
			found = append(found, strings.TrimSpace(token))
		}
	}
	for _, value := range r.Header.Values("Sec-WebSocket-Protocol") {
		for offered := range strings.SplitSeq(value, ",") {
			if token, ok := strings.CutPrefix(strings.TrimSpace(offered), tokenProtocol); ok {
				found = append(found, token)
			}
		}
	}

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
