package main

import (
	"fmt"
	"os"
	"testing"

	"kitchen/db/dbtest"
	"kitchen/ws/board/boardtest"
)

// asProgram makes this test binary the program itself: that is how tests get a process to send signals to.
const asProgram = "KITCHENTEST_IS_THE_PROGRAM"

// asProcess is the environment of a process that is the program. With the race detector each would sleep for a second before it
// ends, for goroutines that outlive main; here goleak finds those.
func asProcess(env ...string) []string {
	return append(env, asProgram+"=1", "GORACE=atexit_sleep_ms=0")
}

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	if os.Getenv(asGoose) != "" {
		if err := gooseMain(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	defineFaultFlags()
	dbtest.Main(together{m})
}

// chromium is the browser of all tests here: starting it costs more than many of them.
var chromium boardtest.Shared

// together runs the tests, and ends what they share.
type together struct{ *testing.M }

func (m together) Run() int {
	code := m.M.Run()
	if err := chromium.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}
