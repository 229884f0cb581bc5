package boardtest

// Ink is a script that lists the texts whose letters are cut below, as Arabic ones are in lines that are high enough for digits.
const Ink = `globalThis.inkCut = () => {
	const context = document.createElement("canvas").getContext("2d"), cut = new Set(), r = document.createRange();
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const text = texts.currentNode.data.trim(), e = texts.currentNode.parentElement;
		if (!text || e.closest("[hidden], svg, option")) continue;
		const style = getComputedStyle(e);
		if (style.visibility !== "visible") continue;
		context.font = style.fontWeight + " " + style.fontSize + " " + style.fontFamily;
		const ink = context.measureText(text);
		r.selectNodeContents(texts.currentNode);
		const lines = [...r.getClientRects()].filter((x) => x.width > 0 && x.height > 0);
		if (!lines.length) continue;
		const bottom = Math.max(...lines.map((x) => x.bottom)) - ink.fontBoundingBoxDescent + ink.actualBoundingBoxDescent;
		for (let box = e; box && box !== document.body; box = box.parentElement) {
			if (getComputedStyle(box).overflowY === "visible") continue;
			const b = box.getBoundingClientRect();
			if (b.height > 1 && lines[0].bottom <= b.bottom + 1 + ink.fontBoundingBoxDescent && bottom > b.top + box.clientTop + box.clientHeight + 1) cut.add(text);
			break;
		}
	}
	return [...cut];
};`
