package board_test

import (
	"flag"
	"os"
	"testing"

	. "kitchen/ws/board/boardtest"
)

// audit runs axe-core with every rule of WCAG 2.2 AA, its best practices, and the contrast of 7:1 that a kitchen needs.
func audit(t *testing.T, p *Page, what string) {
	t.Helper()
	auditOf(t, p, what, "document")
}

// auditOf is audit for an element alone, where nothing else on the page has changed.
func auditOf(t *testing.T, p *Page, what, element string) {
	t.Helper()
	if *everyLook {
		element = "document"
	}
	if !Eval[bool](p, `Boolean(globalThis.axe)`) {
		axe, err := os.ReadFile("testdata/axe.min.js")
		if err != nil {
			t.Fatal(err)
		}
		Eval[any](p, "(() => {"+string(axe)+"\n})(), 0")
	}
	// 7:1 implies the contrast that AA asks for. Under other colours the page is the same, and only they are looked at.
	found := Eval[[]string](p, `axe.run(`+element+`, {
		...(document.documentElement.dataset.theme === "light" ? { runOnly: { type: "rule", values: ["color-contrast-enhanced"] } } : {
			runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "wcag2aaa"],
			rules: { "color-contrast": { enabled: false }, "color-contrast-enhanced": { enabled: true }, "target-size": { enabled: true } },
		}),
		resultTypes: ["violations"], preload: false,
	}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target + " " + n.failureSummary)))`)
	for _, f := range found {
		t.Errorf("%s: %s", what, f)
	}
}

var everyLook = flag.Bool("every-look", false, "audit every state of the board under every look of it, and the whole page each time")

// underLooks runs a test under some looks of the board, and under all of them with -every-look.
func underLooks(t *testing.T, some []string, test func(t *testing.T, look string)) {
	if *everyLook {
		some = []string{dark, light, arabic}
	}
	for _, look := range some {
		t.Run(look, func(t *testing.T) {
			t.Parallel()
			test(t, look)
		})
	}
}

func TestBoardIsAccessible(t *testing.T) {
	t.Parallel()
	underLooks(t, []string{dark, light}, auditAllStates)
	t.Run("empty", func(t *testing.T) {
		t.Parallel()
		p := openLive(t, newKitchen(t))
		p.Wait(`document.body.innerText.includes("No open orders")`)
		audit(t, p, "empty")
	})
}

// Looks are settings of the board under which it is audited.
const (
	dark   = `{"theme":"dark"}`
	light  = `{"theme":"light"}`
	arabic = `{"theme":"dark","lang":"ar"}`
)

// isLive is an expression for whether the page says that it is up to date. A page that was kept busy for long says no until the next
// message of the server.
const isLive = `!document.body.classList.contains("notlive")`

// wearing opens a page with settings.
func wearing(look string) Option {
	return Script(`localStorage.getItem("kitchen:settings") ?? localStorage.setItem("kitchen:settings", '` + look + `')`)
}

func auditAllStates(t *testing.T, look string) {
	k := newKitchen(t)
	orders := rush(k, 8)
	p := chromium.Start(t).Open(t, k.address(), wearing(look))
	p.Wait(Ticket(101))
	k.do(func() { k.by = "till-3" })
	k.change(orders[4], func(o *order) { o.Items = append(o.Items[:1:1], line(1, "Espresso")) })
	k.set(orders[5], "cancelled")
	p.Wait(Ticket(106) + `.classList.contains("gone")`)
	p.Press("1")
	audit(t, p, "rush")
	p.Wait(isLive) // after a long look at it
	p.Still(func() {
		p.Click(Ticket(102) + `.querySelector("button")`) // its button keeps its name for a moment
		p.Press("1")
		p.Press("Enter")
		p.Wait(`document.querySelector(".ghost")`)
		audit(t, p, "just finished, undo offered")
	})
	p.Press("a")
	p.Wait(`document.querySelector("aside.allday")`)
	auditOf(t, p, "all-day", `document.querySelector("aside.allday")`)
	p.Press("a")
	for key, content := range map[string]string{"r": ".recalls li", "o": ".settings", "?": ".keys"} {
		p.Press(key)
		p.Wait(`document.querySelector("dialog[open] ` + content + `")`)
		auditOf(t, p, "the dialog of "+key, openDialog)
		p.Press("Escape")
		p.Wait(`!document.querySelector("dialog[open]")`)
	}
	p.Wait(`!document.querySelector(".ghost")`) // its key would answer nothing
	k.wire.set(refuse)
	k.wire.cut()
	p.Wait(`document.body.classList.contains("notlive")`)
	p.Still(func() {
		p.Press("1")
		p.Press("Enter")
		p.Wait(`document.querySelector("#notices p")`)
		audit(t, p, "not live")
	})
	k.wire.set(normal)
	p.Wait(isLive)
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
