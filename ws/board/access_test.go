package board_test

import (
	"os"
	"strings"
	"testing"
	"time"

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
	// 7:1 implies the contrast that AA asks for. Under other colours the page is the same, and only they are looked at.
	found := Eval[[]string](p, `axe.run(document, {
		...(document.documentElement.dataset.theme === "light" ? { runOnly: { type: "rule", values: ["color-contrast-enhanced"] } } : {
			runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "wcag2aaa"],
			rules: { "color-contrast": { enabled: false }, "color-contrast-enhanced": { enabled: true }, "target-size": { enabled: true } },
		}),
		resultTypes: ["violations"],
	}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target + " " + n.failureSummary)))`)
	for _, f := range found {
		t.Errorf("%s: %s", what, f)
	}
}

func TestBoardIsAccessible(t *testing.T) {
	for _, look := range looks {
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

// looks are settings of the board under which it is audited.
var looks = []string{`{"theme":"dark"}`, `{"theme":"light"}`, `{"theme":"dark","lang":"ar"}`}

// wearing opens a page with settings.
func wearing(look string) Option {
	return Script(`localStorage.getItem("kitchen:settings") ?? localStorage.setItem("kitchen:settings", '` + look + `')`)
}

func TestStripDialogsAndOldTicketsAreAccessible(t *testing.T) {
	for _, look := range looks {
		t.Run(look, func(t *testing.T) {
			t.Parallel()
			k := newKitchen(t)
			rush(k, 8)
			soon, tomorrow := k.now().Add(3*time.Hour), k.now().Add(20*time.Hour)
			k.add(order{Number: 120, Status: "ready", CreatedAt: k.now().Add(-time.Hour)})
			k.add(order{Number: 121, PromisedAt: &soon})
			k.add(order{Number: 122, Type: "takeaway", CustomerName: "فاطمة Bianchi", PromisedAt: &tomorrow})
			p := chromium.Start(t).Open(t, k.address(), wearing(strings.Replace(look, "{", `{"readyPlace":"strip",`, 1)), Script(dimmed))
			p.Wait(`document.querySelectorAll("#strip article").length === 4 && !document.body.classList.contains("dead")`)
			audit(t, p, "the strip")
			dialog := `document.querySelector("dialog[open]")`
			show := func(what, content string) {
				t.Helper()
				p.Wait(dialog + `?.querySelector("` + content + `")`)
				audit(t, p, what)
				p.Press("Escape")
				p.Wait(`!` + dialog)
			}
			p.Tap(Ticket(122) + `.querySelector("p")`)
			show("an opened ticket", ".opened button.start")
			p.Tap(Ticket(120) + `.querySelector("p")`)
			show("an opened ready ticket", ".opened button.done")
			p.Press("n")
			p.Press("1")
			show("find", ".found button")
			for act, content := range map[string]string{"new-pass": "textarea", "forget": "[data-act=forget-yes]"} {
				p.Press("o")
				button := dialog + `?.querySelector("[data-act=` + act + `]")`
				p.Wait(button)
				Eval[any](p, button+`.click(), 0`)
				show(act, content)
			}
			p.Resize(640, 480)
			p.Wait(`[...document.querySelectorAll("#strip .acts")].every((e) => !e.getClientRects().length)`)
			audit(t, p, "the strip on a low screen")
			p.Resize(1920, 1080)

			// The last queue, after a reload without a server.
			k.do(func() { k.closed = true })
			p.Wait(`localStorage.getItem("kitchen:queue:` + restaurant + `")`)
			p.Reload()
			p.Wait(`document.body.classList.contains("dead") && ` + Ticket(101) + ` && ` + Ticket(122))
			audit(t, p, "the last queue")
			if pale := Eval[[]string](p, `dimmed()`); len(pale) > 0 {
				t.Errorf("dimmed, these are hard to read: %q", pale)
			}
		})
	}
}

// dimmed is a script that lists the texts of tickets whose contrast is below 4.5 once they are grey and darker, which axe does not
// reckon with.
const dimmed = `globalThis.dimmed = () => {
	const filter = getComputedStyle(document.querySelector("#wall")).filter;
	if (filter !== "grayscale(1) brightness(0.72)" || getComputedStyle(document.querySelector("#strip")).filter !== filter) return ["nothing is dimmed: " + filter];
	const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
	const light = (colour) => {
		const [r, g, b] = channels(colour), v = (0.2126 * r + 0.7152 * g + 0.0722 * b) * 0.72 / 255;
		return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	};
	const ground = (e) => {
		const colour = getComputedStyle(e).backgroundColor;
		return channels(colour)[3] === 0 ? ground(e.parentElement) : colour;
	};
	const own = (e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
	const texts = [...document.querySelectorAll("#wall *, #strip *")].filter((e) => own(e) && e.getClientRects().length);
	if (texts.length < 50) return ["only " + texts.length + " texts"];
	return texts.flatMap((e) => {
		const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x), contrast = (a + 0.05) / (b + 0.05);
		return contrast < 4.5 ? [contrast.toFixed(1) + " " + e.className + " " + e.textContent.trim().slice(0, 30)] : [];
	});
};`

func auditAllStates(t *testing.T, look string) {
	k := newKitchen(t)
	orders := rush(k, 12)
	p := chromium.Start(t).Open(t, k.address(), wearing(look))
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
