package alarm

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"kitchen/db/order"
)

// receiver answers what a test says, and keeps what was taken.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	answers []int // then 204
	taken   chan string
	tries   int
	onTry   func() // may be nil; called with each try, counted already
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
		if r.onTry != nil {
			r.onTry()
		}
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

// fakePosts keeps the alarms that wait. While away is true, it fails.
type fakePosts struct {
	mu        sync.Mutex
	waiting   []order.AlarmPost
	away      bool
	forgets   int // calls of AlarmPosted
	forgotten chan int64
}

func waitingAlarms(t *testing.T, alarms ...order.Alarm) *fakePosts {
	p := &fakePosts{forgotten: make(chan int64, 100)}
	for i, a := range alarms {
		body, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		p.waiting = append(p.waiting, order.AlarmPost{ID: int64(i + 1), Body: body, Alarm: a})
	}
	return p
}

func (p *fakePosts) AlarmPosts(context.Context) ([]order.AlarmPost, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.waiting), nil
}

func (p *fakePosts) AlarmPosted(_ context.Context, id int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.forgets++; p.away {
		return errors.New("away")
	}
	p.waiting = slices.DeleteFunc(p.waiting, func(w order.AlarmPost) bool { return w.ID == id })
	p.forgotten <- id
	return nil
}

// post runs a hook until it has posted all alarms, and returns what it logged.
func post(t *testing.T, r *receiver, secret string, wanted int, alarms ...order.Alarm) (taken []string, logged string) {
	t.Helper()
	address, err := url.Parse(r.URL + "/hook?key=hidden")
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	posts := waitingAlarms(t, alarms...)
	h := NewHook(address, []byte(secret), posts, slog.New(slog.NewTextHandler(&log, nil)))
	h.first = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	h.Wake(true)
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
