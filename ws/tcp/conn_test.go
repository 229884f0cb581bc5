//go:build unix

package tcp

import (
	"runtime"
	"testing"
	"time"
)

func TestMessageThatIsThereBeforeItIsWaitedForIsRead(t *testing.T) {
	t.Parallel()
	peer, conn, raw := connected(t)
	c := Conn{Conn: conn, raw: raw}
	if _, err := peer.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	for arrived := false; !arrived; runtime.Gosched() {
		_ = raw.Control(func(fd uintptr) { arrived = !nothingToRead(fd) })
	}
	began := time.Now()
	_ = conn.SetReadDeadline(began.Add(waitLimit)) // or it would wait for ever
	c.AwaitInput()
	if waited := time.Since(began); waited > waitLimit/2 {
		t.Errorf("it waited for %v, though the input was there", waited)
	}
}
