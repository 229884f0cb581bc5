package lookout

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"kitchen/db/dbtest"
	"kitchen/db/order"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// receiver answers what a test says, and keeps what was taken.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	answers []int // then 204
	taken   chan string
	tries   int
}

func newReceiver(t *testing.T, secret string, answers ...int) *receiver {
	r := &receiver{answers: answers, taken: make(chan string, 2000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		signature := map[bool]string{true: "sha256=" + hex.EncodeToString(mac.Sum(nil)), false: ""}[secret != ""]
		if err != nil || req.Method != http.MethodPost || req.Header.Get(SignatureHeader) != signature || req.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v, %v", req.Method, req.Header, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tries++
		code := http.StatusNoContent
		if len(r.answers) > 0 {
			code, r.answers = r.answers[0], r.answers[1:]
		}
		if code >= 300 && code < 400 {
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
		}
		w.WriteHeader(code)
		if code == http.StatusNoContent {
			r.taken <- string(body)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// post runs a hook until it has posted all alarms, and returns what it logged.
func post(t *testing.T, r *receiver, secret string, wanted int, alarms ...order.Alarm) (taken []string, logged string) {
	t.Helper()
	address, err := url.Parse(r.URL + "/hook?key=hidden")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	h := NewHook(address, []byte(secret), slog.New(slog.NewTextHandler(&log, nil)))
	h.first = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	for _, a := range alarms {
		h.Post(a)
	}
	for range wanted {
		select {
		case body := <-r.taken:
			taken = append(taken, body)
		case <-time.After(20 * time.Second):
			t.Fatalf("posted %q", taken)
		}
	}
	cancel()
	running.Wait()
	return taken, log.String()
}

func alarmOf(reason string) order.Alarm {
	number := int64(57)
	return order.Alarm{Type: order.AlarmBegins, Restaurant: "r", Reason: reason, Orders: 2, OldestOrder: "o", OldestNumber: &number, Age: 40}
}

func TestHookPostsAlarmsSignedUntilTheyAreTaken(t *testing.T) {
	r := newReceiver(t, "s3cret", 500, 503, 429)
	over := alarmOf("no_display")
	over.Type = order.AlarmOver
	taken, logged := post(t, r, "s3cret", 2, alarmOf("no_display"), over)
	want := `{"type":"alarm","restaurant_id":"r","reason":"no_display","orders":2,"oldest_order_id":"o","oldest_order_number":57,"age_s":40}`
	if taken[0] != want || taken[1] != strings.Replace(want, `"alarm"`, `"alarm_over"`, 1) {
		t.Errorf("posted %q", taken)
	}
	if r.tries != 5 || logged != "" {
		t.Errorf("%d tries; logged %s", r.tries, logged)
	}
}

func TestHookWithoutASecretSignsNothing(t *testing.T) {
	post(t, newReceiver(t, ""), "", 1, alarmOf("not_painted"))
}

// What a receiver refuses is not sent again, nor anywhere else: the next alarm is.
func TestHookGivesUpWhatIsRefusedAndFollowsNoRedirect(t *testing.T) {
	r := newReceiver(t, "s", 400, 302, 307)
	taken, logged := post(t, r, "s", 1, alarmOf("a"), alarmOf("b"), alarmOf("c"), alarmOf("d"))
	if r.tries != 4 || !strings.Contains(taken[0], `"d"`) {
		t.Errorf("%d tries, posted %q", r.tries, taken)
	}
	if strings.Count(logged, "could not be posted") != 3 || strings.Count(logged, "redirects are not followed") != 2 || strings.Contains(logged, "hidden") {
		t.Errorf("logged %s", logged)
	}
}

func TestHookKeepsABoundedNumberOfAlarms(t *testing.T) {
	var log bytes.Buffer
	h := NewHook(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}, nil, slog.New(slog.NewTextHandler(&log, nil)))
	for range hookQueue + 2 {
		h.Post(alarmOf("no_display"))
	}
	if len(h.queue) != hookQueue || strings.Count(log.String(), "too many wait") != 2 {
		t.Errorf("%d wait; logged %s", len(h.queue), log.String())
	}
}
