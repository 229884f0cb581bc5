package board_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"kitchen/ws/board/boardtest"
)

// chromium is the browser of all tests here; starting it costs more than most of them.
var chromium boardtest.Shared

var browserFlag = flag.String("browser", "", "the browser to run the pages in; without it, one that is found: the headless shell rather than Chromium")

var slowFlag = flag.Float64("slow", 1, "run the pages so many times slower, as on a busy machine")

// shared runs the tests, and ends what they share.
type shared struct{ *testing.M }

func (m shared) Run() int {
	flag.Parse()
	chromium.Program, chromium.Slow = *browserFlag, *slowFlag
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		_ = flag.Set("test.parallel", "4") // they wait more than they compute
	}
	code := m.M.Run()
	if err := chromium.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(shared{m}) }
