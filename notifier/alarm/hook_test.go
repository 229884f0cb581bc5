package alarm

import (
	"context"
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

// An alarm that a node was posting when it died is posted by the next one.
func TestAlarmOfANodeThatDiedIsPostedByAnother(t *testing.T) {
	posts := waitingAlarms(t, alarmOf("no_display"), alarmOf("not_painted"))
	asked := make(chan struct{}, 1)
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer hangs.Close()
	run := func(address string) (wake func(), die func()) {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		h := NewHook(u, nil, posts, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { h.Run(ctx) })
		return func() { h.Wake(true) }, func() { cancel(); running.Wait() }
	}
	wake, die := run(hangs.URL)
	wake()
	<-asked
	die()

	r := newReceiver(t, "")
	wake, die = run(r.URL)
	defer die()
	wake()
	for _, want := range []string{"no_display", "not_painted"} {
		if body := <-r.taken; !strings.Contains(body, want) {
			t.Errorf("posted %s, where %s was next", body, want)
		}
	}
}

// An alarm that was posted, and could not be forgotten, is not posted again and again.
func TestAlarmThatCannotBeForgottenIsPostedOnce(t *testing.T) {
	posts := waitingAlarms(t, alarmOf("no_display"))
	posts.away = true
	r := newReceiver(t, "")
	u, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	h := NewHook(u, nil, posts, slog.New(slog.DiscardHandler))
	h.Wake(true)
	for range 3 {
		if err := h.postAll(t.Context()); err == nil {
			t.Fatal("nothing is wrong")
		}
	}
	posts.away = false
	if err := h.postAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.tries != 1 || posts.forgets != 4 || <-posts.forgotten != 1 {
		t.Errorf("posted %d times, and forgotten at attempt %d", r.tries, posts.forgets)
	}
}

// A web hook that only some nodes were given posts alarms as well while another node checks, a little later. Where the node that checks
// has one, it alone posts, and what it failed to post is posted by whoever reaches the receiver first, once.
func TestHookOfANodeThatDoesNotCheckPostsWhatIsLeft(t *testing.T) {
	r := newReceiver(t, "", 500)
	u, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	posts := waitingAlarms(t, alarmOf("no_display"), alarmOf("not_painted"))
	node := func(checks bool) *Hook {
		h := NewHook(u, nil, posts, slog.New(slog.DiscardHandler))
		h.first = time.Millisecond
		h.Wake(checks)
		return h
	}
	other := node(false)
	if err := other.postAll(t.Context()); err != nil || r.tries != 0 {
		t.Fatalf("%v after %d tries: the alarms had just begun", err, r.tries)
	}
	posts.waiting[0].Waited = hookLeaves
	meanwhile := posts.waiting[0]
	r.onTry = func() { // the first try fails, and another node is faster with the second
		if r.tries == 1 {
			_ = posts.AlarmPosted(t.Context(), meanwhile.ID)
		}
	}
	if err := other.postAll(t.Context()); err != nil || r.tries != 1 {
		t.Errorf("%v after %d tries: another node has posted it", err, r.tries)
	}
	posts.waiting[0].Waited = hookLeaves
	if err := other.postAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if body := <-r.taken; !strings.Contains(body, "not_painted") || len(posts.waiting) != 0 {
		t.Errorf("posted %s, and %d wait", body, len(posts.waiting))
	}
}
