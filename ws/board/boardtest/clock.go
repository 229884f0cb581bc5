package boardtest

// stoppableClock lets tests stop the clock by which a page takes away what it shows for some seconds. What stopClock returns starts
// it again, where it stood; where it has been stopped already, that does nothing.
const stoppableClock = `{
	const now = performance.now.bind(performance);
	let behind = 0, stopped = null;
	performance.now = () => stopped ?? now() - behind;
	globalThis.stopClock = () => {
		if (stopped !== null) return () => {};
		stopped = performance.now();
		return () => { behind = now() - stopped; stopped = null; };
	};
}`

// Still stops the page's clock while do runs: what the page shows for some seconds is there then, however slow the machine is.
func (p *Page) Still(do func()) {
	p.t.Helper()
	Eval[any](p, `(globalThis.starts ??= []).push(stopClock()), 0`)
	do()
	Eval[any](p, `globalThis.starts.pop()(), 0`)
}
