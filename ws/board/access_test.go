package board_test

import (
	"os"
	"testing"

	. "kitchen/ws/board/boardtest"
)

// audit runs axe-core with every rule of WCAG 2.2 AA, its best practices, and the contrast of 7:1 that a kitchen needs.
func audit(t *testing.T, p *Page, what string) {
	t.Helper()
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	Eval[any](p, `globalThis.axe ? 0 : (`+"() => {"+string(axe)+"\n})(), 0")
	// Frames that breathe are looked at where they are fully seen.
	found := Eval[[]string](p, `axe.run(document, {
		runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "wcag2aaa"],
		rules: { "color-contrast-enhanced": { enabled: true }, "target-size": { enabled: true } },
	}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target + " " + n.failureSummary)))`)
	for _, f := range found {
		t.Errorf("%s: %s", what, f)
	}
}

func TestBoardIsAccessible(t *testing.T) {
	t.Parallel()
	for _, look := range []string{`{"theme":"dark"}`, `{"theme":"light"}`, `{"theme":"dark","lang":"ar"}`} {
		k := newKitchen(t)
		orders := rush(k, 12)
		b := Start(t)
		p := b.Open(t, k.address(), Script(`localStorage.getItem("kitchen:settings") ?? localStorage.setItem("kitchen:settings", '`+look+`')`))
		p.Wait(Ticket(101))
		k.change(orders[4], func(o *order) { o.Items = append(o.Items[:1:1], line(1, "Espresso")) })
		k.set(orders[5], "cancelled")
		p.Wait(Ticket(106) + `.classList.contains("gone")`)
		p.Press("1")
		audit(t, p, look+" rush")
		p.Press("a")
		p.Wait(`document.querySelector("aside.allday")`)
		audit(t, p, look+" all-day")
		p.Press("a")
		p.Press("r")
		p.Wait(`document.querySelector("dialog[open] .recalls li")`)
		audit(t, p, look+" recall")
		p.Press("Escape")
		p.Press("o")
		p.Wait(`document.querySelector("dialog[open] .settings")`)
		audit(t, p, look+" settings")
		p.Press("Escape")
		p.Wait(`!document.querySelector("dialog[open]")`)
		k.set(orders[0], "completed")
		k.wire.set(refuse)
		k.wire.cut()
		p.Wait(`document.body.classList.contains("dead")`)
		p.Press("1")
		p.Press("Enter")
		audit(t, p, look+" not live")
		k.wire.set(normal)
		Eval[any](p, `location.assign("/"), 0`)
		p.Wait(`document.querySelector(".boards")`)
		audit(t, p, look+" getting in")
	}
	k := newKitchen(t)
	p := openLive(t, k)
	p.Wait(`document.body.innerText.includes("No open orders")`)
	audit(t, p, "empty")
}
