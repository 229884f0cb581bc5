package boardtest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
)

// evalLimit is how long [Eval] waits: a whole audit takes a minute on a busy machine.
const evalLimit = 3 * time.Minute

// Eval evaluates an expression, waiting for it where it is a promise.
func Eval[T any](p *Page, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, evalLimit)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("evaluate %.200s: %v", js, err)
	}
	return v
}

// Wait waits until an expression is true, across navigations.
func (p *Page) Wait(js string) {
	p.t.Helper()
	look := fmt.Sprintf(`new Promise((resolve) => {
		const end = Date.now() + 1000; // the page's own clock may stand still
		const look = () => {
			let ok = false;
			try { ok = Boolean(%s); } catch {}
			if (ok || Date.now() > end) resolve(ok); else setTimeout(look, 10);
		};
		look();
	})`, js)
	for end := time.Now().Add(p.limit); time.Now().Before(end); {
		ctx, cancel := context.WithTimeout(p.ctx, p.limit)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](look, chromedp.EvalAwaitPromise))
		cancel()
		if ok {
			return
		}
		if err != nil && !strings.Contains(err.Error(), "navigated") && !strings.Contains(err.Error(), "context") {
			p.t.Fatalf("wait for %s: %v", js, err)
		}
	}
	p.t.Fatalf("waited %v in vain for %s; the page reads:\n%s", p.limit, js, Eval[string](p, `document.body.innerText`))
}

// Hold requires an expression to stay true for d, looking in every frame.
func (p *Page) Hold(d time.Duration, js string) {
	p.t.Helper()
	ok := Eval[bool](p, fmt.Sprintf(`new Promise((resolve) => {
		const end = Date.now() + %d;
		const look = () => {
			if (!(%s)) resolve(false);
			else if (Date.now() > end) resolve(true);
			else requestAnimationFrame(look);
		};
		look();
	})`, d.Milliseconds(), js))
	if !ok {
		p.t.Fatalf("did not stay true for %v: %s; the page reads:\n%s", d, js, Eval[string](p, `document.body.innerText`))
	}
}

// Ticket is an expression for the article of an order, undefined where there is none. Its name begins with #number.
func Ticket(number int) string {
	return fmt.Sprintf(`[...document.querySelectorAll("article")].find((a) => /^#%d\b/.test(a.ariaLabel))`, number)
}

// Step is an expression for the text of a ticket's primary button.
func Step(number int) string { return Ticket(number) + `?.querySelector("button")?.textContent.trim()` }

// Status is an expression for the text of the element of role status.
const Status = `document.querySelector("[role=status]")?.innerText.replace(/\s+/g, " ").trim()`

// Button is an expression for the button of an accessible name, inside an element.
func Button(in, name string) string {
	return fmt.Sprintf(`[...%s.querySelectorAll("button")].find((b) => (b.ariaLabel || b.textContent.trim()) === %q)`, in, name)
}

// Read returns the text of an element as it is shown.
func (p *Page) Read(element string) string {
	p.t.Helper()
	return Eval[string](p, fmt.Sprintf(`(%s)?.innerText ?? ""`, element))
}

// Roles returns the accessible names of all elements of a role, as Chromium gives them to a screen reader.
func (p *Page) Roles(role string) []string {
	p.t.Helper()
	doc, err := chromedp.Call(p.ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		p.t.Fatalf("read the document: %v", err)
	}
	tree, err := chromedp.Call(p.ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{NodeID: doc.Root.NodeID, Role: role})
	if err != nil {
		p.t.Fatalf("query the accessibility tree: %v", err)
	}
	var names []string
	for _, n := range tree.Nodes {
		if n.Ignored || n.Name == nil {
			continue
		}
		var name string
		_ = json.Unmarshal([]byte(n.Name.Value), &name)
		names = append(names, name)
	}
	return names
}
