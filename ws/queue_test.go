package ws

import (
	"slices"
	"testing"
)

// unconnected is a display without a socket, that somebody is writing to: what is pushed stays in its queue.
func unconnected(limits Limits) *display {
	return &display{server: &Server{limits: limits, meter: noMeter{}}, progress: current, writing: true}
}

func (d *display) kinds() []kind {
	var kinds []kind
	for _, m := range d.waiting {
		kinds = append(kinds, m.kind)
	}
	return kinds
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limits Limits
		fits   int // events of ten bytes
	}{
		"in messages": {Limits{QueueMessages: 5, QueueBytes: 1000}, 5},
		"in bytes":    {Limits{QueueMessages: 50, QueueBytes: 70}, 7},
	} {
		d := unconnected(c.limits)
		for range c.fits {
			d.pushEvent(make([]byte, 10))
		}
		if d.progress != current || len(d.waiting) != c.fits {
			t.Errorf("%s: state %d with %d waiting, after as many as fit", name, d.progress, len(d.waiting))
		}
		if d.pushEvent(make([]byte, 10)); d.progress != behind || len(d.waiting) != 0 || d.eventBytes != 0 || d.events != 0 {
			t.Errorf("%s: state %d with %d waiting, after one too many", name, d.progress, len(d.waiting))
		}
	}
	d := unconnected(Limits{QueueMessages: 5, QueueBytes: 70})
	if d.pushEvent(make([]byte, 1000)); d.progress != current {
		t.Error("one event that is bigger than all that may wait could never be sent")
	}
}

func TestFirstQueueComesFirstWhateverHappens(t *testing.T) {
	t.Parallel()
	d := unconnected(Limits{QueueMessages: 1, QueueBytes: 1000})
	d.progress = joining
	d.pushSnapshot([]byte("first"))
	d.pushAnswer([]byte("answer"))
	d.pushEvent([]byte("event"))
	d.pushEvent([]byte("too much"))
	if want := []kind{snapshot, answer}; !slices.Equal(d.kinds(), want) || d.progress != behind {
		t.Fatalf("state %d with %v, want %v", d.progress, d.kinds(), want)
	}

	d.progress = current
	d.pushReplacement([]byte("second"))
	if want := []kind{snapshot, answer}; !slices.Equal(d.kinds(), want) || string(d.waiting[0].frame) != "second" {
		t.Fatalf("after a replacement: %v, want %v, the new queue first", d.kinds(), want)
	}
	if d.answerBytes != len("answer") || d.events != 0 || d.eventBytes != 0 {
		t.Errorf("counts %+v", d.queue)
	}
}

func TestOnlyTheLatestHeartbeatWaits(t *testing.T) {
	t.Parallel()
	d := unconnected(Limits{QueueMessages: 9, QueueBytes: 1000})
	d.pushHeartbeat([]byte("live"))
	d.pushEvent([]byte("event"))
	d.pushHeartbeat([]byte("deaf"))
	d.pushLatest(pong, []byte("a"))
	d.pushLatest(pong, []byte("b"))
	want := []kind{event, heartbeatMessage, pong}
	if !slices.Equal(d.kinds(), want) || string(d.waiting[1].frame) != "deaf" || string(d.waiting[2].frame) != "b" {
		t.Errorf("%v, want %v with the latest of each", d.kinds(), want)
	}
	if d.events != 1 || d.eventBytes != len("event") {
		t.Errorf("counts %+v", d.queue)
	}
}
