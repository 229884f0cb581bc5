//go:build documents

package ws_test

import "testing"

const pythonViewer = `
import sys, websockets
exec(open(sys.argv[1]).read())
cooked = []
def show(queue, screens, live):
    for id, order in queue.items():
        for at in (at for item in order.get("items", []) for at in item["stations"]):
            if at["id"] == "grill" and at["status"] == "pending" and live and not cooked:
                cooked.append(asyncio.ensure_future(cook(id, at)))
                print("asked")
    words = [o["status"] for o in queue.values()] + [s["id"] + str(s["screens"]) for s in (screens or {"stations": []})["stations"]]
    print("live" if live else "deaf", *sorted(words), flush=True)
async def cook(id, at):
    await display.update_lines(id, at["id"], at["status"], "ready")
    await display.fire(id, 2)
display = Display(sys.argv[2], sys.argv[3], show, ["grill"], lambda code: print("refused", code, flush=True))
try:
    asyncio.run(display.follow())
except websockets.ConnectionClosed as closed:
    show({"a": {"status": "preparing"}}, None, False)
`

func TestPythonDisplayOfTheReadmeIsAGoodDisplay(t *testing.T) {
	testDisplay(t, true, "/usr/bin/python3", writeFile(t, "run.py", pythonViewer), writeFile(t, "display.py", readmeCode(t, "python")))
}
