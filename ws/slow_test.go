package ws

import (
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"kitchen/ws/closing"
)

func TestSlowDisplayHurtsNobodyAndCatchesUp(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		r.Times.Heartbeat, r.Times.Ping, r.Times.Write = time.Hour, 2*time.Hour, time.Hour
	})
	k.feed.set(func(f *fakeFeed) { f.filler = strings.Repeat("x", 4<<10) })
	slow := k.dialNarrow(32 << 10)
	fast := k.join()
	feed := k.feed.subscription(t, bistro)
	d := k.displayOf(0)

	const events = 800
	for i := 1; i <= events; i++ {
		feed.event()
		if m := fast.want("order_updated"); m.Seq != i {
			t.Fatalf("the fast display got event %d, want %d", m.Seq, i)
		}
		d.mu.Lock()
		if d.events > k.server.limits.QueueMessages || d.eventBytes > k.server.limits.QueueBytes || len(d.waiting) > 80 {
			t.Fatalf("%d events of %d bytes wait, %d messages in all", d.events, d.eventBytes, len(d.waiting))
		}
		d.mu.Unlock()
	}
	if d.state() != behind {
		t.Fatalf("the slow display is in state %d", d.state())
	}

	// It reads again: first what was on its way, without a gap, then a fresh queue, then events again.
	if queues, err := slow.follow(0, events); err != nil || queues != 1 {
		t.Fatalf("%d fresh queues, %v", queues, err)
	}
	feed.event()
	if m := slow.want("order_updated"); m.Seq != events+1 {
		t.Errorf("event %d after the fresh queue", m.Seq)
	}
}

func TestDisplayThatFellBehindWaitsOutAnOutage(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		r.Times.Heartbeat, r.Times.Ping, r.Times.Write = 20*time.Millisecond, time.Hour, time.Hour
	})
	k.feed.set(func(f *fakeFeed) { f.filler = strings.Repeat("x", 32<<10) })
	slow := k.dialNarrow(32 << 10)
	feed := k.feed.subscription(t, bistro)
	d := k.displayOf(0)
	events := 0
	for ; d.state() == current; events++ {
		feed.event()
	}
	k.feed.set(func(f *fakeFeed) { f.away = true; f.filler = "" })
	asked := func() (n int) {
		k.feed.set(func(*fakeFeed) { n = feed.refreshes })
		return n
	}
	began := asked()
	caughtUp := make(chan error, 1)
	go func() {
		_, err := slow.follow(0, events)
		caughtUp <- err
	}()
	eventually(t, "it asks again and again", func() bool { return asked() > began+3 })
	if d.state() != stale || k.server.Displays() != 1 {
		t.Fatalf("state %d, %d displays", d.state(), k.server.Displays())
	}
	k.feed.set(func(f *fakeFeed) { f.away = false })
	if err := <-caughtUp; err != nil {
		t.Fatal(err)
	}
}

func TestAnswersSurviveFallingBehind(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Ping, r.Times.Write = time.Hour, time.Hour; r.Limits.QueueMessages = 4 })
	k.feed.set(func(f *fakeFeed) { f.filler = strings.Repeat("x", 32<<10) })
	slow := k.dialNarrow(32 << 10)
	feed := k.feed.subscription(t, bistro)
	d := k.displayOf(0)
	for d.state() == current && d.eventsWaiting() < 2 {
		feed.event()
	}
	slow.send(`{"type":"update_status","order_id":"` + string(soup) + `","status":"ready","request_id":"kept"}`)
	eventually(t, "the answer waits", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.answerBytes > 0
	})
	for d.state() == current {
		feed.event()
	}
	for {
		m := slow.next()
		if m.Type == "ack" && string(m.RequestID) == `"kept"` {
			break
		}
		if m.Type == "initial_queue" {
			t.Fatal("the fresh queue came, and the answer did not")
		}
	}
	slow.want("initial_queue")
}

func TestDisplayThatNeverReadsIsClosed(t *testing.T) {
	t.Parallel()
	t.Run("over TCP", func(t *testing.T) { testDisplayThatNeverReads(t, false) })
	t.Run("over TLS", func(t *testing.T) { testDisplayThatNeverReads(t, true) })
}

func testDisplayThatNeverReads(t *testing.T, secure bool) {
	t.Parallel()
	k := open(t, func(r *recipe) { r.Times.Write = 100 * time.Millisecond; r.Times.Ping = time.Hour; r.secure = secure })
	k.feed.set(func(f *fakeFeed) { f.filler = strings.Repeat("x", 32<<10) })
	k.dialNarrow(32 << 10)
	fast := k.join()
	feed := k.feed.subscription(t, bistro)
	for i := 1; k.server.Displays() == 2; i++ {
		feed.event()
		if m := fast.want("order_updated"); m.Seq != i {
			t.Fatalf("the fast display got event %d, want %d", m.Seq, i)
		}
	}
	if logs := k.logs.String(); !strings.Contains(logs, `"code":4008`) {
		t.Errorf("no 4008 in the log: %s", logs)
	}
}

func TestDisplayThatReadsSlowlyIsNotClosed(t *testing.T) {
	t.Parallel()
	t.Run("over TCP", func(t *testing.T) { testDisplayThatReadsSlowly(t, false) })
	t.Run("over TLS", func(t *testing.T) { testDisplayThatReadsSlowly(t, true) })
}

func testDisplayThatReadsSlowly(t *testing.T, secure bool) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		r.secure = secure
		r.Times.Heartbeat, r.Times.Ping, r.Times.Write = time.Hour, 2*time.Hour, time.Second
	})
	slow := k.dialNarrow(32 << 10)
	k.feed.set(func(f *fakeFeed) { f.filler = strings.Repeat("x", 900<<10) })
	began := time.Now()
	k.feed.subscription(t, bistro).event()
	d := k.displayOf(0)
	raw, buf := slow.conn.NetConn(), make([]byte, 4<<10)
	pace := time.NewTicker(15 * time.Millisecond)
	defer pace.Stop()
	_ = raw.SetReadDeadline(time.Now().Add(2 * waitLimit))
	for tail := ""; !strings.HasSuffix(tail, "}"); <-pace.C {
		n, err := raw.Read(buf)
		if err != nil {
			t.Fatalf("closed after %v: %v", time.Since(began), err)
		}
		tail = string(buf[:n])
		if d.isWriting() && time.Since(began) > 2*k.server.times.Write {
			pace.Reset(time.Microsecond) // it has shown what it should: be quick now
		}
	}
	if took := time.Since(began); took < 2*k.server.times.Write {
		t.Fatalf("all was read within %v, and this shows nothing", took)
	}

	// The write timeout was for that message, and not for what comes after it.
	eventually(t, "nothing is written", func() bool { return !d.isWriting() })
	<-time.After(k.server.times.Write + 50*time.Millisecond)
	k.feed.set(func(f *fakeFeed) { f.filler = "" })
	k.feed.subscription(t, bistro).event()
	if m := slow.want("order_updated"); m.Seq != 2 {
		t.Errorf("event %d", m.Seq)
	}
}

func TestDisplayThatAsksWithoutReadingIsClosed(t *testing.T) {
	t.Parallel()
	k := open(t, func(r *recipe) {
		r.Limits.MessageBurst, r.Limits.QueueBytes = 1<<20, 8<<10
		r.Times.Close = 50 * time.Millisecond
		r.Times.Ping = time.Hour
	})
	c := k.join()
	message := []byte(`{"type":"x","request_id":"` + strings.Repeat("r", 128) + `"}`)
	_ = c.conn.SetWriteDeadline(time.Now().Add(waitLimit))
	for c.conn.WriteMessage(websocket.TextMessage, message) == nil && k.server.Displays() > 0 {
	}
	eventually(t, "it is closed", func() bool { return k.server.Displays() == 0 })
	if logs := k.logs.String(); !strings.Contains(logs, closing.NotReading().Text) {
		t.Errorf("the log gives another reason: %s", logs)
	}
}
