package protocol

import (
	"bytes"
	"testing"

	"kitchen/ws/closing"
)

func TestCloseFrameHoldsTheCodeAndTheText(t *testing.T) {
	t.Parallel()
	why := closing.Stopping()
	want := append([]byte{Close, byte(2 + len(why.Text)), 1012 >> 8, 1012 & 0xff}, why.Text...)
	if got := CloseFrame(why); !bytes.Equal(got, want) {
		t.Errorf("frame %q, want %q", got, want)
	}
}
