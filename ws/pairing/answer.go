package pairing

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kitchen/ws/closing"
)

// problem says why a request was refused: an HTTP status, a word for programs and a sentence for people.
type problem struct {
	Status  int    `json:"-"`
	Code    string `json:"error"`
	Message string `json:"message"`

	retryAfter time.Duration // after which the request may succeed; 0: unknown
}

func refusal(status int, code, message string) problem {
	return problem{Status: status, Code: code, Message: message}
}

func tooMany(message string, after time.Duration) problem {
	return problem{http.StatusTooManyRequests, "rate_limited", message, after}
}

func noScreen() problem {
	return refusal(http.StatusNotFound, "no_screen", "no screen shows this code now: codes live for ten minutes and are used once")
}

func unavailable() problem {
	return refusal(http.StatusServiceUnavailable, "unavailable", "this cannot be done now: try again soon")
}

func (s *Server) unavailable(w http.ResponseWriter, what string, err error) {
	s.log.Write(slog.LevelWarn, what, "err", err)
	fail(w, unavailable())
}

func fail(w http.ResponseWriter, p problem) {
	if p.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(p.retryAfter.Seconds())))
	}
	write(w, p.Status, p)
}

func write(w http.ResponseWriter, status int, answer any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // the client may have gone
}

// word is the part of a reason that is for programs.
func word(why closing.Reason) string {
	word, _, _ := strings.Cut(why.Text, ":")
	return word
}
