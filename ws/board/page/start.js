// Says what is wrong where the page's own script cannot: it does not load, is not understood, or fails. Written for browsers of
// any age, and loaded before everything else. Until it runs, the page itself says that it is starting.
(function () {
  "use strict";
  var box = document.getElementById("trouble");
  var own = document.currentScript;
  if (own && own.parentNode) own.parentNode.removeChild(own); // it has been read: the page holds one script
  var running = false;

  /** What the build knows: the browsers that the scripts are made for. */
  var browsers = BROWSERS;
  /** @type {Record<string, string[]>} English and Arabic */
  var texts = {
    load: [
      "This page could not load all of its files. Reload it. If this stays, the server or a proxy before it does not pass on the folder board/.",
      "لم تتمكن الصفحة من تحميل كل ملفاتها. أعد تحميلها. إن بقيت هذه الرسالة فالخادم أو الوكيل أمامه لا يمرّر المجلد ‎board/‎.",
    ],
    old: [
      "This browser is too old for this page. New enough are " + browsers + ", and all later ones.",
      "هذا المتصفح قديم جدًا لهذه الصفحة. يكفي " + browsers + " وما هو أحدث.",
    ],
    start: [
      "This page could not start. Reload it. If this stays, show these words to the person who runs the server:",
      "لم تتمكن الصفحة من البدء. أعد تحميلها. إن بقيت هذه الرسالة فأرِ هذه الكلمات لمن يدير الخادم:",
    ],
    fault: [
      "NOT LIVE: this page has a fault and may show old tickets. Use paper and reload the page. If this stays, show these words to the person who runs the server:",
      "غير متصل: في هذه الصفحة عطل وقد تعرض بطاقات قديمة. استخدم الورق وأعد تحميل الصفحة. إن بقيت هذه الرسالة فأرِ هذه الكلمات لمن يدير الخادم:",
    ],
    slow: [
      "This page is still loading. If this stays, check the network of this screen, and reload the page.",
      "ما زالت الصفحة قيد التحميل. إن بقيت هذه الرسالة فافحص شبكة هذه الشاشة وأعد تحميل الصفحة.",
    ],
  };
  var said = "";

  /**
   * @param {string} what
   * @param {string} [detail]
   */
  function say(what, detail) {
    if (!box || said === what) return;
    said = what;
    box.className = "now";
    box.textContent = "";
    for (var i = 0; i < 2; i++) {
      var p = document.createElement("p");
      p.lang = i ? "ar" : "en";
      p.dir = i ? "rtl" : "ltr";
      p.textContent = texts[what][i];
      box.appendChild(p);
    }
    if (detail) {
      var code = document.createElement("code");
      code.textContent = detail;
      box.appendChild(code);
    }
    box.hidden = false;
  }

  /** Whether the browser knows what the scripts are written with. */
  function modern() {
    return "noModule" in document.createElement("script") && "findLastIndex" in Array.prototype;
  }

  window.addEventListener("error", function (e) {
    var target = /** @type {any} */ (e.target);
    if (target && target !== window && (target.tagName === "SCRIPT" || target.tagName === "LINK")) {
      if (!/icon/.test(target.rel || "")) say("load", target.src || target.href);
    } else if (!running) {
      say(!modern() || (e.error && e.error.name === "SyntaxError") ? "old" : "start", e.message);
    }
  }, true);
  // The page's own script: it runs, it cannot draw, it draws again.
  document.addEventListener("kitchen-running", function () {
    if (running && !said) return;
    running = true;
    if (!getComputedStyle(document.documentElement).getPropertyValue("--touch")) return say("load", "board.css");
    said = "";
    if (box) box.hidden = true;
  });
  document.addEventListener("kitchen-fault", function (e) {
    say(running ? "fault" : modern() ? "start" : "old", /** @type {CustomEvent} */ (e).detail);
  });
  if (!modern()) say("old");
  setTimeout(function () {
    if (!running && !said) say("slow");
  }, 10000);
})();
