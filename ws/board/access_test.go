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
		resultTypes: ["violations"],
		rules: { "color-contrast-enhanced": { enabled: true }, "target-size": { enabled: true } },
	}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target + " " + n.failureSummary)))`)
	for _, f := range found {
		t.Errorf("%s: %s", what, f)
	}
}

func TestBoardIsAccessible(t *testing.T) {
	for _, look := range []string{`{"theme":"dark"}`, `{"theme":"light"}`, `{"theme":"dark","lang":"ar"}`} {
		t.Run(look, func(t *testing.T) {
			t.Parallel()
			auditAllStates(t, look)
		})
	}
	t.Run("empty", func(t *testing.T) {
		t.Parallel()
		p := openLive(t, newKitchen(t))
		p.Wait(`document.body.innerText.includes("No open orders")`)
		audit(t, p, "empty")
	})
}

func auditAllStates(t *testing.T, look string) {
	k := newKitchen(t)
	orders := rush(k, 12)
	p := chromium.Start(t).Open(t, k.address(), Script(`localStorage.getItem("kitchen:settings") ?? localStorage.setItem("kitchen:settings", '`+look+`')`))
	p.Wait(Ticket(101))
	k.do(func() { k.by = "till-3" })
	k.change(orders[4], func(o *order) { o.Items = append(o.Items[:1:1], line(1, "Espresso")) })
	k.set(orders[5], "cancelled")
	p.Wait(Ticket(106) + `.classList.contains("gone")`)
	p.Press("1")
	audit(t, p, "rush")
	p.Click(Ticket(102) + `.querySelector("button")`) // its button keeps its name for a moment
	p.Press("1")
	p.Press("Enter")
	p.Wait(`document.querySelector(".ghost")`)
	audit(t, p, "just finished, undo offered")
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday")`)
	audit(t, p, "all-day")
	p.Press("a")
	for key, content := range map[string]string{"r": ".recalls li", "o": ".settings", "?": ".keys"} {
		p.Press(key)
		p.Wait(`document.querySelector("dialog[open] ` + content + `")`)
		audit(t, p, "the dialog of "+key)
		p.Press("Escape")
		p.Wait(`!document.querySelector("dialog[open]")`)
	}
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(`document.body.classList.contains("dead")`)
	p.Press("1")
	p.Press("Enter")
	audit(t, p, "not live")
	k.wire.set(normal)
	p.Wait(`!document.body.classList.contains("dead")`)
	k.do(func() { delete(k.tokens, token) })
	k.dropAll(4001)
	p.Wait(`document.querySelector("#overlay form")`)
	audit(t, p, "refused")
	k.do(func() { k.tokens[token] = true })
	Eval[any](p, `location.assign("`+k.address()+`"), location.reload(), 0`)
	p.Wait(`document.querySelector("article")`)
	Eval[any](p, `location.assign("/"), 0`)
	p.Wait(`document.querySelector(".boards")`)
	audit(t, p, "getting in")
}
