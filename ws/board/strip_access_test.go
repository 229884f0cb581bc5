package board_test

import (
	"strings"
	"testing"
	"time"

	. "kitchen/ws/board/boardtest"
)

func TestStripDialogsAndOldTicketsAreAccessible(t *testing.T) {
	t.Parallel()
	underLooks(t, []string{dark}, func(t *testing.T, look string) {
		k := newKitchen(t)
		rush(k, 8)
		soon, tomorrow := k.now().Add(3*time.Hour), k.now().Add(20*time.Hour)
		k.add(order{Number: 120, Status: "ready", CreatedAt: k.now().Add(-time.Hour)})
		k.add(order{Number: 121, PromisedAt: &soon})
		k.add(order{Number: 122, Type: "takeaway", CustomerName: "فاطمة Bianchi", PromisedAt: &tomorrow})
		p := chromium.Start(t).Open(t, k.address(), wearing(strings.Replace(look, "{", `{"readyPlace":"strip",`, 1)), Script(dimmed))
		p.Wait(`document.querySelectorAll("#strip article").length === 4 && !document.body.classList.contains("notlive")`)
		audit(t, p, "the strip")
		dialog := `document.querySelector("dialog[open]")`
		show := func(what, content string) {
			t.Helper()
			p.Wait(dialog + `?.querySelector("` + content + `")`)
			auditOf(t, p, what, openDialog)
			p.Press("Escape")
			p.Wait(`!` + dialog)
			p.Hold(400*time.Millisecond, `!`+dialog) // a touch so soon afterwards does not open what was behind it
		}
		p.Tap(Ticket(122) + `.querySelector("p")`)
		show("an opened ticket", ".opened button.start")
		p.Tap(Ticket(120) + `.querySelector("p")`)
		show("an opened ready ticket", ".opened button.done")
		p.Press("n")
		p.Press("1")
		show("find", ".found button")
		for act, content := range map[string]string{"new-token": "textarea", "forget": "[data-act=forget-yes]"} {
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
		p.Wait(`document.body.classList.contains("notlive") && ` + Ticket(101) + ` && ` + Ticket(122))
		audit(t, p, "the last queue")
		if pale := Eval[[]string](p, `dimmed()`); len(pale) > 0 {
			t.Errorf("dimmed, these are hard to read: %q", pale)
		}
	})
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
