package notifier_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// safeBuffer is a log that a test waits on.
type safeBuffer struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	changed chan struct{}
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
	return b.buffer.Write(p)
}

func (b *safeBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.buffer.String() }

func (b *safeBuffer) count(text string) int { return strings.Count(b.String(), text) }

func (b *safeBuffer) await(t *testing.T, text string) { t.Helper(); b.awaitFor(t, text, waitLimit) }

func (b *safeBuffer) awaitFor(t *testing.T, text string, atMost time.Duration) {
	t.Helper()
	deadline := time.After(atMost)
	for {
		b.mu.Lock()
		found := strings.Contains(b.buffer.String(), text)
		if b.changed == nil {
			b.changed = make(chan struct{})
		}
		changed := b.changed
		b.mu.Unlock()
		if found {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("waited in vain for %q in the log:\n%s", text, b)
		}
	}
}
