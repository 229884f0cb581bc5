//go:build documents

package ws_test

import "testing"

const pythonViewer = `
import sys, websockets
exec(open(sys.argv[1]).read())
def show(queue, live):
    print("live" if live else "deaf", *sorted(o["status"] for o in queue.values()), flush=True)
try:
    asyncio.run(follow(sys.argv[2], sys.argv[3], show))
except websockets.ConnectionClosed as closed:
    show({"a": {"status": "preparing"}}, False)
`

func TestPythonDisplayOfTheReadmeIsAGoodDisplay(t *testing.T) {
	testDisplay(t, "/usr/bin/python3", writeFile(t, "run.py", pythonViewer), writeFile(t, "display.py", readmeCode(t, "python")))
}
